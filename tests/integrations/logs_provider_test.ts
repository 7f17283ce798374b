/** What a provider writes, and how often: each change once, with the service's name, and nothing per call. */
import assert from "node:assert/strict";
import { createProvider, getDefaultConfig } from "../../mod.ts";
import { hideSecrets } from "../../src/check/hide_secrets.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";

const CONFIG = getDefaultConfig("im-gateway", "production");
const succeed = (): Promise<string> => Promise.resolve("Ada");
const fail = (): Promise<string> => Promise.reject(new Error("down"));

async function setUp(options: { readonly isFailure?: () => boolean } = {}) {
  const [backend, clock, log] = [new ScriptedBackend(), new ManualClock(), new KeptLog()];
  backend.snapshot(entry("default", { failureThreshold: 1, openStateTimeout: "10s" }, "1"));
  const settings = { backend, clock, logger: log, random: () => 0, ...options };
  return { backend, clock, log, provider: await createProvider(CONFIG, settings) };
}

Deno.test("the service's name is on every line, those of failing callbacks included", async () => {
  const isFailure = () => {
    throw new Error("a mistake");
  };
  const { backend, clock, log, provider } = await setUp({ isFailure });
  await using _ = provider;
  provider.on("stateChange", () => {
    throw new Error("another mistake");
  });
  await provider.getBreaker("users").do(fail).catch(() => {});
  backend.changes([entry("users", "no JSON", "2")]);
  backend.fail("out of reach");
  await clock.tick();
  assert(log.lines.some((line) => /isFailure/.test(line)), log.lines.join("\n"));
  assert(log.lines.some((line) => /a listener to "stateChange" failed/.test(line)));
  assert(log.lines.some((line) => /is lost/.test(line)));
  assert.deepEqual(log.fields.filter((fields) => fields?.["service"] !== "im-gateway"), []);
});

Deno.test("a refused document is written once at error, however often it is read and calls are made", async () => {
  const { backend, clock, log, provider } = await setUp();
  await using _ = provider;
  const refused = entry("users", { failureThreshold: -1 }, "2");
  const good = entry("default", { failureThreshold: 1, openStateTimeout: "10s" }, "1");
  backend.changes([refused]);
  await clock.tick();
  for (let i = 0; i < 100; i++) await provider.getBreaker("users").do(succeed);
  backend.fail("out of reach");
  backend.snapshot(good, refused);
  await clock.tick("1s");
  const errors = log.lines.filter((line) => line.startsWith("error:"));
  assert.equal(errors.length, 1);
  assert.match(
    errors[0] ?? "",
    /Policy users\.json was refused, none of it is in force: .*failureThreshold/,
  );
});

Deno.test("a policy that comes into force is written once at info", async () => {
  const { backend, clock, log, provider } = await setUp();
  await using _ = provider;
  backend.changes([entry("users", { failureThreshold: 3 }, "2")]);
  await clock.tick();
  for (let i = 0; i < 100; i++) await provider.getBreaker("users").do(succeed);
  assert.deepEqual(log.lines.filter((line) => line.includes("users.json")), [
    "info: Policy users.json is in force",
  ]);
});

Deno.test("an outage of calls is written per change of state, and never per refused call", async () => {
  const { clock, log, provider } = await setUp();
  await using _ = provider;
  const users = provider.getBreaker("users");
  const before = log.lines.length;
  await users.do(fail).catch(() => {});
  for (let i = 0; i < 100; i++) await users.do(succeed).catch(() => {});
  clock.advance("10s");
  for (let i = 0; i < 2; i++) await users.do(succeed);
  assert.deepEqual(log.lines.slice(before), [
    'warn: Breaker "users" is open: failureThreshold 1 reached 1, last failure Error: down',
    'info: Breaker "users" is half-open: open-timeout',
    'info: Breaker "users" is closed: recovered',
  ]);
});

Deno.test("the secret in a backend's error is in no line", async () => {
  const { backend, clock, log, provider } = await setUp();
  await using _ = provider;
  backend.fail(
    "connect redis://ada:hunter2@cache:6379/0 with Authorization: Bearer hunter2hunter2",
  );
  await clock.tick();
  const line = log.lines.at(-1) ?? "";
  assert.match(line, /redis:\/\/…@cache:6379\/0 with Authorization: …$/);
  assert.doesNotMatch(JSON.stringify([log.lines, log.fields]), /hunter2/);
});

Deno.test("the secret in a refused document is in no line, nor in the fields", async () => {
  const { backend, clock, log, provider } = await setUp();
  await using _ = provider;
  backend.changes([entry("users", { mode: "postgres://ada:hunter2@db/users" }, "2")]);
  await clock.tick();
  assert.match(log.lines.join("\n"), /error: Policy users\.json was refused.*postgres:\/\/…@db/);
  assert.doesNotMatch(JSON.stringify([log.lines, log.fields]), /hunter2/);
});

Deno.test("the secret in the error of a failing callback is in no field, its causes included", async () => {
  const cause = new Error("cannot connect to postgres://ada:hunter2@db");
  const error = new TypeError("a mistake", { cause });
  const { log, provider } = await setUp({
    isFailure: () => {
      throw error;
    },
  });
  await using _ = provider;
  await provider.getBreaker("users").do(fail).catch(() => {});
  const shown = log.fields.map((fields) => fields?.["error"]).find((found) => found !== undefined);
  assert(shown instanceof Error && shown.cause instanceof Error);
  assert.deepEqual([shown.name, shown.message], ["TypeError", "a mistake"]);
  assert.equal(shown.cause.message, "cannot connect to postgres://…@db");
  assert.doesNotMatch(`${shown.stack}${shown.cause.stack}`, /hunter2/);
});

const circular: Record<string, unknown> = {};
circular["self"] = circular;
const own = new Error("own cause");
own.cause = own;
const HOSTILE: Record<string, unknown> = {
  "with a getter that throws": {
    get secret(): string {
      throw new Error("no");
    },
  },
  "that is a revoked proxy": (() => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  })(),
  "that holds itself": circular,
  "that is its own cause": own,
};

for (const [what, thrown] of Object.entries(HOSTILE)) {
  Deno.test(`a callback that throws a value ${what} harms no call`, async () => {
    const { log, provider } = await setUp({
      isFailure: () => {
        throw thrown;
      },
    });
    await using _ = provider;
    await assert.rejects(provider.getBreaker("users").do(fail), /down/);
    assert.equal(provider.getBreaker("users").state, "open");
    assert(log.lines.some((line) => /isFailure/.test(line)));
  });
}

const HIDDEN: readonly [text: string, shown: string][] = [
  ["postgres://ada:hunter2@db:5432/users", "postgres://…@db:5432/users"],
  ["http://h/x?token=hunter2&page=1", "http://h/x?token=…&page=1"],
  ["host=db password=hunter2 user=ada", "host=db password=… user=ada"],
  ["host=db password='hunter 2' user=ada", "host=db password=… user=ada"],
  ['{"password":"hunter2","user":"ada"}', '{"password":"…","user":"ada"}'],
  ["Authorization: Basic aHVudGVyMg==", "Authorization: …"],
  ["sent bearer hunter2hunter2", "sent bearer …"],
  ["api_key=hunter2; X-Api-Key: hunter2", "api_key=…; X-Api-Key: …"],
];

for (const [text, shown] of HIDDEN) {
  Deno.test(`a secret is hidden: ${shown}`, () => assert.equal(hideSecrets(text), shown));
}

const PLAIN = [
  "/user.UserService/GetUser",
  "grpc:user-service",
  "auth-token:refresh",
  "http://api/users/@me?page=1",
  "https://api:8443/path",
  "用户服务",
];

for (const text of PLAIN) {
  Deno.test(`nothing is hidden in ${text}`, () => assert.equal(hideSecrets(text), text));
}

Deno.test("a long text takes time in proportion, whatever it is made of", () => {
  for (const part of ["a", "://", "token=", "a-", "authorization ", "basic "]) {
    const startMs = performance.now();
    hideSecrets(part.repeat(100_000));
    assert(performance.now() - startMs < 5_000, part);
  }
});

Deno.test("a start that failed tells no secret, neither by its error nor in a line", async () => {
  for (const onLoadFailure of ["reject", "use-defaults"] as const) {
    const [backend, clock, logger] = [new ScriptedBackend(), new ManualClock(), new KeptLog()];
    backend.fail("redis://ada:hunter2@cache is down");
    const options = { backend, clock, logger, loadTimeout: "100ms", onLoadFailure };
    const started = createProvider(CONFIG, options)
      .then((provider) => provider.close(), (error: Error) => logger.error(error.message));
    await clock.tick("100ms");
    await started;
    assert.match(logger.lines.join("\n"), /redis:\/\/…@cache is down/);
    assert.doesNotMatch(logger.lines.join("\n"), /hunter2/);
  }
});
