import assert from "node:assert/strict";
import { type MemoryBackend, memoryBackend } from "../../backends/memory.ts";
import {
  createRedisRateLimiter,
  type LimitRule,
  parseRule,
  parseRuleText,
  type RedisRateLimiter,
  type RedisRateLimiterOptions,
  type RedisScripts,
  ruleCentre,
} from "../../integrations/redis/mod.ts";
import { BackendError } from "../../src/errors.ts";
import type { LogLevel } from "../../src/log.ts";
import { getDefaultConfig } from "../../src/provider/config.ts";
import { createProvider } from "../../src/provider/create_provider.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { ManualClock } from "../../src/testing/mod.ts";

const PATH = "/limits/";
const RULE: LimitRule = { rate: 10, capacity: 5 };

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Record<string, unknown> | undefined;
}

/** A limiter on a Redis that is as the test says. */
class Bench implements AsyncDisposable {
  readonly lines: Line[] = [];
  readonly asked: { readonly key: string; readonly args: readonly string[] }[] = [];
  /** What Redis answers. */
  answer: () => Promise<unknown> = () => Promise.resolve([1, 4, 0, 100_000, 0]);
  readonly client: RedisScripts = {
    evalSha: (_, key, args) => {
      this.asked.push({ key, args });
      return this.answer();
    },
    eval: () => Promise.reject(new Error("the script is loaded")),
  };
  readonly backend: MemoryBackend = memoryBackend();
  readonly logger = {
    debug: this.#writer("debug"),
    info: this.#writer("info"),
    warn: this.#writer("warn"),
    error: this.#writer("error"),
  };

  private constructor(readonly provider: Provider, readonly clock: ManualClock) {}

  static async open(): Promise<Bench> {
    const clock = new ManualClock();
    const provider = await createProvider(getDefaultConfig("test", "production"), {
      backend: memoryBackend({ "redis-rate-limit": { openStateTimeout: "10s" } }),
      clock,
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      // Of HTTP, say: what it says of Redis must not matter.
      isFailure: () => false,
    });
    return new Bench(provider, clock);
  }

  limiter(options: Partial<RedisRateLimiterOptions> = {}): Promise<RedisRateLimiter> {
    const { client, provider, clock, logger } = this;
    const rules = { default: RULE };
    return createRedisRateLimiter({ client, provider, clock, logger, rules, ...options });
  }

  /** Writes a rule document, and waits until the limiter has read it. */
  async write(name: string, rule: unknown): Promise<void> {
    this.backend.set(PATH, name, typeof rule === "string" ? rule : JSON.stringify(rule));
    await this.clock.tick(0);
  }

  levels(level: LogLevel): Line[] {
    return this.lines.filter((line) => line.level === level);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.provider.close();
  }

  #writer(level: LogLevel): (message: string, fields?: Record<string, unknown>) => void {
    return (message, fields) => void this.lines.push({ level, message, fields });
  }
}

const FAULTY: [title: string, document: unknown, message: RegExp][] = [
  ["no object", [], /^\$ must be an object; found an array$/],
  ["a rate of 0", { rate: 0, capacity: 1 }, /^\$\.rate must be a number above 0.*; found 0$/],
  ["no capacity", { rate: 1 }, /^\$\.capacity must be an integer.*; found nothing$/],
  ["half a token", { rate: 1, capacity: 1.5 }, /^\$\.capacity must be an integer.*; found 1\.5$/],
  ["an unknown mode", { ...RULE, mode: "global" }, /^\$\.mode must be one of "local", "dist.*"glo/],
  ["a misspelt field", { ...RULE, capcity: 1 }, /^\$\.capcity is an unknown.*mean "capacity"\?$/],
  ["null", { ...RULE, onFailure: null }, /^\$\.onFailure must be one of .*; found null$/],
  ["years to fill", { rate: 1e-6, capacity: 1_000 }, /^\$\.rate must be enough.*365 days; found/],
];

for (const [title, document, message] of FAULTY) {
  Deno.test(`a rule with ${title} is refused, with what was found and what is allowed`, () => {
    const result = parseRule(document);
    assert(!result.ok);
    assert.equal(result.faults.length, 1);
    assert.match(result.faults[0]?.message ?? "", message);
  });
}

Deno.test("every fault of a rule's text is listed: repeated fields, unknown ones, wrong values", () => {
  const result = parseRuleText('{"rate": -1, "rate": -1, "capacity": "5", "burst": 3}');
  assert(!result.ok);
  const paths = result.faults.map(({ path }) => path);
  assert.deepEqual(paths, ["$.rate", "$.rate", "$.capacity", "$.burst"]);
});

Deno.test("text that is no JSON is a fault with its line and column", () => {
  const result = parseRuleText("{\n  rate: 1 }");
  assert(!result.ok);
  assert.match(result.faults[0]?.message ?? "", /line 2, column 3/);
});

Deno.test("a rule written through the centre is checked first", async () => {
  const centre = ruleCentre(memoryBackend(), PATH);
  await assert.rejects(centre.put("logins", { ...RULE, rate: -1 }), { code: "INVALID_RULE" });
  assert.deepEqual(await centre.list(), []);
});

Deno.test("a document that is invalid is refused whole, said once, and the last good rule stays", async () => {
  await using bench = await Bench.open();
  await bench.write("logins", { rate: 1, capacity: 7 });
  await using limiter = await bench.limiter({ backend: bench.backend, path: PATH });
  const refused: unknown[] = [];
  limiter.on("ruleRefused", ({ rule, faults }) => refused.push([rule, faults.length]));
  await bench.write("logins", { rate: -1, capacity: 8, mod: "local" });
  for (let i = 0; i < 10; i++) await limiter.allow("ann", "logins");
  assert.deepEqual(limiter.status().rules["logins"], { rate: 1, capacity: 7 });
  assert.equal(limiter.status().documents[0]?.faults?.length, 2);
  assert.deepEqual(refused, [["logins", 2]]);
  const [line, ...more] = bench.levels("error");
  assert.deepEqual(more, []);
  assert.match(line?.message ?? "", /the last good one stays.*\$\.rate.*did you mean "mode"\?/);
  assert.deepEqual(bench.asked.at(-1)?.args.slice(0, 2), ["1", "7"]);
});

Deno.test("a rule holds from its own document, else in code, else by the default in either", async () => {
  await using bench = await Bench.open();
  const rules = { coded: { rate: 1, capacity: 2 }, default: { rate: 1, capacity: 1 } };
  await using limiter = await bench.limiter({ rules, backend: bench.backend, path: PATH });
  const capacityOf = async (rule: string): Promise<number> =>
    (await limiter.allow("ann", rule)).limit;
  assert.deepEqual([await capacityOf("coded"), await capacityOf("other")], [2, 1]);
  await bench.write("default", { rate: 1, capacity: 3 });
  assert.deepEqual([await capacityOf("coded"), await capacityOf("other")], [2, 3]);
  await bench.write("coded", { rate: 1, capacity: 4 });
  assert.equal(await capacityOf("coded"), 4);
  bench.backend.unset(PATH, "coded");
  await bench.clock.tick(0);
  assert.equal(await capacityOf("coded"), 2);
});

Deno.test("names without a rule of their own have the default's limit each for itself", async () => {
  await using bench = await Bench.open();
  await using limiter = await bench.limiter();
  await limiter.allow("ann", "a");
  await limiter.allow("ann", "b");
  assert.deepEqual(bench.asked.map(({ key }) => key), ["limit:{a:ann}", "limit:{b:ann}"]);
});

Deno.test("without a default, an unknown rule is an error that names the nearest one", async () => {
  await using bench = await Bench.open();
  await using limiter = await bench.limiter({ rules: { logins: RULE } });
  await assert.rejects(limiter.allow("ann", "login"), {
    code: "UNKNOWN_RULE",
    message: 'There is no rate limit rule "login"; did you mean "logins"?',
  });
});

Deno.test("rules that cannot be read at start are an error, or those in code hold until they can be", async () => {
  await using bench = await Bench.open();
  bench.backend.fail(new BackendError("memory()", "it is down"));
  const options = { backend: bench.backend, path: PATH, loadTimeout: 200 } as const;
  const rejected = assert.rejects(bench.limiter(options), {
    code: "BACKEND",
    message: /it is down/,
  });
  await bench.clock.tick(200);
  await rejected;
  const starting = bench.limiter({ ...options, onLoadFailure: "use-rules" });
  await bench.clock.tick(200);
  await using limiter = await starting;
  assert.equal((await limiter.allow("ann", "logins")).limit, 5);
  const changed = new Promise((resolve) => limiter.on("ruleChange", resolve));
  bench.backend.recover();
  await bench.write("logins", { rate: 1, capacity: 9 });
  await bench.clock.tick("10s");
  await changed;
  assert.equal((await limiter.allow("ann", "logins")).limit, 9);
});

Deno.test("a rule whose mode is local never asks Redis, and obeys a change at once", async () => {
  await using bench = await Bench.open();
  await bench.write("local", { mode: "local", rate: 1, capacity: 2 });
  await using limiter = await bench.limiter({ backend: bench.backend, path: PATH });
  const answers = [];
  for (let i = 0; i < 3; i++) answers.push(await limiter.allow("ann", "local"));
  assert.deepEqual(answers.map(({ allowed }) => allowed), [true, true, false]);
  assert.deepEqual(answers.map(({ remaining }) => remaining), [1, 0, 0]);
  assert.deepEqual([answers[2]?.retryAfterMs, answers[2]?.resetAfterMs], [1_000, 2_000]);
  await bench.write("local", { mode: "local", rate: 4, capacity: 2 });
  assert.equal((await limiter.allow("ann", "local")).retryAfterMs, 250);
  assert.equal(bench.asked.length, 0);
});

Deno.test("resources are remembered locally up to maxResources", async () => {
  await using bench = await Bench.open();
  const rules = { default: { ...RULE, mode: "local" } } as const;
  await using limiter = await bench.limiter({ rules, maxResources: 3 });
  for (let i = 0; i < 100; i++) await limiter.allow(`${i}`.repeat(10_000));
  assert.equal(limiter.status().localResources, 3);
});

Deno.test("a local share is the rule's rate and capacity over its processes, and at least one token", async () => {
  await using bench = await Bench.open();
  bench.answer = () => Promise.reject(new Error("down"));
  const rules = {
    own: { rate: 10, capacity: 9, processes: 3 },
    common: { rate: 10, capacity: 9 },
  };
  await using limiter = await bench.limiter({ rules, processes: 10 });
  const own = await limiter.allow("ann", "own");
  assert.deepEqual([own.by, own.limit, own.remaining, own.resetAfterMs], ["share", 3, 2, 300]);
  const common = await limiter.allow("ann", "common");
  assert.deepEqual([common.limit, common.remaining, common.resetAfterMs], [1, 0, 1_000]);
  const tooMany = await limiter.allow("ann", "common", { n: 5 });
  assert.deepEqual([tooMany.allowed, Number.isFinite(tooMany.retryAfterMs)], [false, true]);
});

Deno.test("once Redis has failed often enough it is not asked, and a refusal says when it will be", async () => {
  await using bench = await Bench.open();
  bench.answer = () => Promise.reject(new Error("down"));
  await using limiter = await bench.limiter({
    rules: { default: { ...RULE, onFailure: "refuse" } },
  });
  for (let i = 0; i < 5; i++) await limiter.allow("ann");
  const { allowed, by, retryAfterMs } = await limiter.allow("ann");
  assert.deepEqual([allowed, by, retryAfterMs], [false, "failure", 10_000]);
  assert.equal(bench.asked.length, 5);
  assert.equal(limiter.status().breaker, "open");
});

Deno.test("a Redis that never answers costs the time limit, no more", async () => {
  await using bench = await Bench.open();
  bench.answer = () => new Promise(() => {});
  await using limiter = await bench.limiter({ timeout: "50ms" });
  const asking = limiter.allow("ann");
  await bench.clock.tick(50);
  assert.equal((await asking).by, "share");
});

for (const reply of [undefined, null, "OK", [], [1], [1, "x", 0, 0]]) {
  Deno.test(`an answer that is none, ${JSON.stringify(reply)}, counts as no answer`, async () => {
    await using bench = await Bench.open();
    bench.answer = () => Promise.resolve(reply);
    await using limiter = await bench.limiter();
    assert.equal((await limiter.allow("ann")).by, "share");
  });
}

Deno.test("a client that throws at once is a failure like any other", async () => {
  await using bench = await Bench.open();
  bench.answer = () => {
    throw new Error("no connection");
  };
  await using limiter = await bench.limiter();
  assert.equal((await limiter.allow("ann")).by, "share");
});

Deno.test("failures are told once, then once a minute, and the end once; with no secret and no name", async () => {
  await using bench = await Bench.open();
  bench.answer = () =>
    Promise.reject(
      new Error(
        "connect redis://app:p@ss/w@db:6379?password=hunter2 failed, token: abc\nEVALSHA ann",
      ),
    );
  await using limiter = await bench.limiter();
  const events: unknown[] = [];
  limiter.on("redisFailure", ({ calls }) => events.push(["failure", calls]));
  limiter.on("redisBack", ({ calls }) => events.push(["back", calls]));
  for (let i = 0; i < 100; i++) await limiter.allow("ann");
  await bench.clock.tick("1m");
  await limiter.allow("ann");
  assert.deepEqual(events, [["failure", 1], ["failure", 100]]);
  bench.answer = () => Promise.resolve([1, 4, 0, 100_000, 0]);
  await bench.clock.tick("10s");
  for (let i = 0; i < 10; i++) await limiter.allow("ann");
  assert.deepEqual(events.at(-1), ["back", 0]);
  const lines = bench.lines.filter(({ message }) => message.includes("Redis d"));
  assert.deepEqual(lines.map(({ level }) => level), ["warn", "warn", "info"]);
  assert.doesNotMatch(JSON.stringify(lines), /p@ss|ss\/w|hunter2|abc|ann/);
});

Deno.test("a listener and a logger that throw harm nothing", async () => {
  await using bench = await Bench.open();
  bench.answer = () => Promise.reject(new Error("down"));
  const boom = (): never => {
    throw new Error("boom");
  };
  const logger = { debug: boom, info: boom, warn: boom, error: boom };
  await using limiter = await bench.limiter({ logger });
  limiter.on("redisFailure", boom);
  assert.equal((await limiter.allow("ann")).by, "share");
});

Deno.test("the caller's abort rejects at once with its reason, and is no failure of Redis", async () => {
  await using bench = await Bench.open();
  bench.answer = () => new Promise(() => {});
  await using limiter = await bench.limiter();
  const abort = new AbortController();
  const asking = limiter.allow("ann", undefined, { signal: abort.signal });
  abort.abort(new Error("gone"));
  await assert.rejects(asking, { message: "gone" });
  assert.equal(limiter.status().decisions.share, 0);
  assert.deepEqual(bench.lines, []);
});

Deno.test("a signal that is aborted already asks nothing", async () => {
  await using bench = await Bench.open();
  await using limiter = await bench.limiter();
  await assert.rejects(limiter.allow("ann", undefined, { signal: AbortSignal.abort() }));
  assert.equal(bench.asked.length, 0);
});

const WRONG: [title: string, options: Record<string, unknown>, message: RegExp][] = [
  ["an unknown option", { onFailure: "allow" }, /unknown option "onFailure"; did you mean/],
  ["no client", { client: undefined }, /"client" must be an object/],
  ["a client that is not adapted", { client: { evalsha() {} } }, /"client.evalSha" must be a func/],
  ["neither rules nor a backend", { rules: undefined }, /"rules" must be an object/],
  ["no processes", { processes: 0 }, /"processes" must be an integer of at least 1, received 0/],
  ["a time limit of 0", { timeout: 0 }, /"timeout" must be a duration above 0 ms, received 0/],
  [
    "a rule that is invalid",
    { rules: { a: { rate: 1 } } },
    /Cannot use rate limit rule "a": \$\.cap/,
  ],
];

for (const [title, options, message] of WRONG) {
  Deno.test(`a limiter with ${title} is refused`, async () => {
    await using bench = await Bench.open();
    await assert.rejects(bench.limiter(options), { message });
  });
}

const WRONG_QUESTIONS: [args: unknown[], message: RegExp][] = [
  [[7], /"resource" must be a text, received 7/],
  [["ann", null], /"rule" must be a text, received null/],
  [["ann", "a", { n: -1 }], /"n" must be an integer of at least 0, received -1/],
  [["ann", "a", { N: 1 }], /unknown option "N"; did you mean "n"\?/],
  [["ann", "a", 1], /options must be an object, received 1/],
];

for (const [args, message] of WRONG_QUESTIONS) {
  Deno.test(`a question of ${JSON.stringify(args)} is refused`, async () => {
    await using bench = await Bench.open();
    await using limiter = await bench.limiter();
    await assert.rejects(Reflect.apply(limiter.allow, limiter, args), { message });
  });
}
