// A real server and client of grpc-js, which have no clock to inject: deadlines pass in real time.
import assert from "node:assert/strict";
import { InterceptingCall, type Interceptor, status } from "npm:@grpc/grpc-js@1.14.7";
import { breakerInterceptor } from "../../integrations/grpc/mod.ts";
import { createBreaker, type StandaloneBreaker } from "../../src/breaker/create_breaker.ts";
import { BreakerOpenError } from "../../src/breaker/rejection.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";
import { until } from "../support/until.ts";
import {
  FAILURE,
  IGNORED,
  NONE,
  type Outcomes,
  outcomes,
  SUCCESS,
  TIMEOUT,
  trip,
} from "./breaker_outcomes.ts";
import {
  type Ask,
  CHAT,
  endOf,
  GET,
  hang,
  LIST,
  PUT,
  UsersClient,
  UsersServer,
} from "./grpc_users.ts";

const KINDS = [GET, LIST, PUT, CHAT];
/** Longer than any call that is not hung takes. */
const SOON_MS = 250;

interface World {
  readonly server: UsersServer;
  readonly client: UsersClient;
  readonly breaker: StandaloneBreaker;
  readonly clock: ManualClock;
}

interface WorldOptions {
  readonly policy?: Policy;
  readonly interceptor?: Parameters<typeof breakerInterceptor>[1];
  /** Interceptors that stand before the breaker's. */
  readonly above?: readonly Interceptor[];
}

/** Runs `body` with a server and a client whose calls go through one breaker. */
async function inWorld(body: (world: World) => Promise<void>, options: WorldOptions = {}) {
  const clock = new ManualClock();
  const policy = { failureThreshold: 0, openStateTimeout: "1m", ...options.policy };
  const breaker = createBreaker("users", policy, { clock });
  const guard: Interceptor = breakerInterceptor({ getBreaker: () => breaker }, options.interceptor);
  await using server = await UsersServer.start();
  using client = new UsersClient(server.port, ...options.above ?? [], guard);
  await client.connect();
  await body({ server, client, breaker, clock });
}

function halfOpen(breaker: StandaloneBreaker, clock: ManualClock): void {
  trip(breaker);
  clock.advance(breaker.policy.openStateTimeout);
  assert.equal(breaker.state, "half-open");
}

function soon(): { deadline: number } {
  return { deadline: Date.now() + SOON_MS };
}

const JUDGED: readonly [string, Ask, Outcomes][] = [
  ["OK", {}, SUCCESS],
  ["CANCELLED by the server", { code: status.CANCELLED }, IGNORED],
  ["UNKNOWN", { code: status.UNKNOWN }, FAILURE],
  ["INVALID_ARGUMENT", { code: status.INVALID_ARGUMENT }, SUCCESS],
  ["DEADLINE_EXCEEDED", { code: status.DEADLINE_EXCEEDED }, TIMEOUT],
  ["NOT_FOUND", { code: status.NOT_FOUND }, SUCCESS],
  ["RESOURCE_EXHAUSTED", { code: status.RESOURCE_EXHAUSTED }, FAILURE],
  ["INTERNAL", { code: status.INTERNAL }, FAILURE],
  ["UNAVAILABLE", { code: status.UNAVAILABLE }, FAILURE],
  ["DATA_LOSS", { code: status.DATA_LOSS }, FAILURE],
  ["UNAUTHENTICATED", { code: status.UNAUTHENTICATED }, SUCCESS],
];

for (const kind of KINDS) {
  Deno.test(`gRPC: ${kind}: each status is counted for what it says`, async () => {
    await inWorld(async ({ client, breaker }) => {
      const seen: [string, Ask, Outcomes][] = [];
      for (const [name, ask] of JUDGED) {
        const before = outcomes(breaker);
        const { error } = await client.call(kind, ask);
        assert.equal(error?.code ?? 0, ask.code ?? 0, name);
        seen.push([name, ask, outcomes(breaker, before)]);
      }
      assert.deepEqual(seen, JUDGED);
    });
  });

  Deno.test(`gRPC: ${kind}: an open breaker refuses with UNAVAILABLE and the server hears nothing`, async () => {
    await inWorld(async ({ client, breaker, server }) => {
      trip(breaker);
      const { error, messages } = await client.call(kind, {});
      assert.equal(error?.code, status.UNAVAILABLE);
      assert.match(error?.details, /^Breaker "users" refused the call: it is open \(tripped by /);
      assert.deepEqual(error?.metadata.getMap(), { "grpc-retry-pushback-ms": "60000" });
      assert(error?.cause instanceof BreakerOpenError);
      assert.deepEqual(messages, []);
      assert.equal(server.calls, 0);
    });
  });

  Deno.test(`gRPC: ${kind}: a cancelled call is ignored at once and frees its probe's slot`, async () => {
    await inWorld(async ({ client, breaker, clock, server }) => {
      halfOpen(breaker, clock);
      const { call, ended } = hang(client, kind);
      await until(() => server.calls === 1);
      assert.equal(breaker.counts.inFlight, 1);
      call.cancel();
      assert.equal(breaker.counts.inFlight, 0);
      assert.deepEqual(outcomes(breaker), { ...FAILURE, ignored: 1 });
      assert.equal((await ended).error?.code, status.CANCELLED);
      await until(() => server.cancelled === 1);
      assert.deepEqual(outcomes(breaker), { ...FAILURE, ignored: 1 });
    });
  });

  Deno.test(`gRPC: ${kind}: a server that resets the call with CANCEL is a failure`, async () => {
    await inWorld(async ({ client, breaker, server }) => {
      const { ended } = hang(client, kind);
      await until(() => server.calls === 1);
      server.kill();
      assert.equal((await ended).error?.code, status.CANCELLED);
      assert.deepEqual(outcomes(breaker), FAILURE);
    });
  });

  Deno.test(`gRPC: ${kind}: the caller's deadline is a timeout`, async () => {
    await inWorld(async ({ client, breaker }) => {
      const { ended } = hang(client, kind, soon());
      assert.equal((await ended).error?.code, status.DEADLINE_EXCEEDED);
      assert.deepEqual(outcomes(breaker), TIMEOUT);
    });
  });
}

Deno.test("gRPC: the breaker of a method has its full name", async () => {
  const names: string[] = [];
  const provider = { getBreaker: (name: string) => (names.push(name), createBreaker(name)) };
  await using server = await UsersServer.start();
  using client = new UsersClient(server.port, breakerInterceptor(provider));
  for (const kind of KINDS) await client.call(kind, {});
  assert.deepEqual(names, ["/im.Users/Get", "/im.Users/List", "/im.Users/Put", "/im.Users/Chat"]);
});

Deno.test("gRPC: name gives a breaker another name", async () => {
  const names: string[] = [];
  const provider = { getBreaker: (name: string) => (names.push(name), createBreaker(name)) };
  const name = (method: string): string => `grpc:${method.split("/")[1]}`;
  await using server = await UsersServer.start();
  using client = new UsersClient(server.port, breakerInterceptor(provider, { name }));
  await client.get({});
  assert.deepEqual(names, ["grpc:im.Users"]);
});

for (
  const [how, name] of [
    ["throws", () => {
      throw new Error("no name");
    }],
    ["gives no text", () => JSON.parse("7")],
  ] as const
) {
  Deno.test(`gRPC: a name that ${how} is reported, and the method's stands`, async () => {
    const names: string[] = [];
    const reports: string[] = [];
    const provider = { getBreaker: (given: string) => (names.push(given), createBreaker(given)) };
    const report = (message: string): number => reports.push(message);
    const logger = { debug: report, info: report, warn: report, error: report };
    await using server = await UsersServer.start();
    using client = new UsersClient(server.port, breakerInterceptor(provider, { name, logger }));
    assert.equal((await client.get({})).error, undefined);
    assert.deepEqual(names, [GET]);
    assert.deepEqual(reports, [`Breaker of ${GET}: name failed, using the method's`]);
  });
}

Deno.test("gRPC: failureCodes says which codes are failures", async () => {
  await inWorld(async ({ client, breaker }) => {
    await client.get({ code: status.NOT_FOUND });
    await client.get({ code: status.UNAVAILABLE });
    await client.get({ code: status.CANCELLED });
    assert.deepEqual(outcomes(breaker), { ...NONE, successes: 1, failures: 2 });
  }, { interceptor: { failureCodes: [status.NOT_FOUND, status.CANCELLED] } });
});

Deno.test("gRPC: the caller's cancel is ignored even where CANCELLED is a failure", async () => {
  await inWorld(async ({ client, breaker }) => {
    const { call, ended } = hang(client, GET);
    call.cancel();
    await ended;
    assert.deepEqual(outcomes(breaker), IGNORED);
  }, { interceptor: { failureCodes: [status.CANCELLED] } });
});

Deno.test("gRPC: the pushback is -1 while the mode is forced-open", async () => {
  await inWorld(async ({ client }) => {
    const { error } = await client.get({});
    assert.deepEqual(error?.metadata.get("grpc-retry-pushback-ms"), ["-1"]);
    assert.match(error?.details ?? "", /its mode is "forced-open"/);
  }, { policy: { mode: "forced-open" } });
});

Deno.test("gRPC: there is no pushback while enough probes are in flight", async () => {
  await inWorld(async ({ client, breaker, clock }) => {
    halfOpen(breaker, clock);
    using _probe = breaker.tryAcquire();
    const { error } = await client.get({});
    assert.equal(error?.code, status.UNAVAILABLE);
    assert.deepEqual(error?.metadata.getMap(), {});
    assert.match(error?.details ?? "", /enough probes are in flight/);
  });
});

Deno.test("gRPC: a refused stream fails only once somebody could listen", async () => {
  await inWorld(async ({ client, breaker }) => {
    trip(breaker);
    const open = async () => await client.list({}); // hands the stream on some microtasks later
    const stream = await open();
    assert.equal((await endOf(stream)).error?.code, status.UNAVAILABLE);
  });
});

Deno.test("gRPC: whoever writes to a refused stream is not kept waiting", async () => {
  await inWorld(async ({ client, breaker }) => {
    trip(breaker);
    const ended = Promise.withResolvers<number | undefined>();
    const stream = client.put((error) => ended.resolve(error?.code));
    for (let i = 0; i < 50; i++) await new Promise((sent) => stream.write({}, sent));
    stream.end();
    assert.equal(await ended.promise, status.UNAVAILABLE);
  });
});

Deno.test("gRPC: a refused call is cancelled without harm", async () => {
  await inWorld(async ({ client, breaker }) => {
    trip(breaker);
    const { error } = await client.get({}, {}, (call) => {
      assert.equal(call.getPeer(), "unknown");
      assert.equal(call.getAuthContext(), null);
      call.cancel();
    });
    assert.equal(error?.code, status.UNAVAILABLE);
  });
});

Deno.test("gRPC: an interceptor that retries is refused try by try", async () => {
  await inWorld(async ({ client, breaker, server }) => {
    const { error } = await client.get({ code: status.UNAVAILABLE });
    assert.match(error?.details ?? "", /refused the call: it is open/);
    assert.equal(server.calls, 2);
    assert.equal(breaker.counts.rejected, 3);
  }, { policy: { failureThreshold: 2 }, above: [retrying(4)] });
});

Deno.test("gRPC: the breaker is asked when the call starts, not when an interceptor above creates it", async () => {
  const { interceptor, release } = delaying();
  await inWorld(async ({ client, breaker, server }) => {
    const ended = client.get({});
    trip(breaker);
    release();
    assert.equal((await ended).error?.code, status.UNAVAILABLE);
    assert.equal(server.calls, 0);
  }, { above: [interceptor] });
});

for (const kind of KINDS) {
  Deno.test(`gRPC: ${kind}: a call that starts late loses nothing of what was asked before`, async () => {
    const { interceptor, release } = delaying();
    await inWorld(async ({ client, breaker }) => {
      const ended = client.call(kind, {});
      await new Promise((resolve) => setTimeout(resolve, 10)); // what streams ask for on their own
      release();
      const { error, messages } = await ended;
      assert.equal(error, undefined);
      assert.deepEqual(messages, [{ count: 1 }]);
      assert.deepEqual(outcomes(breaker), SUCCESS);
    }, { above: [interceptor] });
  });

  Deno.test(`gRPC: ${kind}: a call that is cancelled before it starts is not made`, async () => {
    const { interceptor, release } = delaying();
    await inWorld(async ({ client, breaker, server }) => {
      const { call, ended } = hang(client, kind);
      call.cancel();
      release();
      assert.equal((await ended).error?.code, status.CANCELLED);
      assert.deepEqual(outcomes(breaker), NONE);
      assert.equal(server.calls, 0);
    }, { above: [interceptor] });
  });
}

Deno.test("gRPC: a call whose deadline is past already is not made", async () => {
  await inWorld(async ({ client, breaker, server }) => {
    const { error } = await client.get({}, { deadline: new Date(Date.now() - 1) });
    assert.equal(error?.code, status.DEADLINE_EXCEEDED);
    assert.deepEqual(outcomes(breaker), NONE);
    assert.equal(server.calls, 0);
  });
});

Deno.test("gRPC: the policy's timeout is the deadline where the caller's is later", async () => {
  await inWorld(async ({ client, breaker }) => {
    for (const deadline of [undefined, Date.now() + 60_000]) {
      const options = deadline === undefined ? {} : { deadline };
      assert.equal((await client.get({ hang: true }, options)).error?.code, 4);
    }
    assert.equal(breaker.counts.timeouts, 2);
  }, { policy: { timeout: SOON_MS } });
});

Deno.test("gRPC: the caller's deadline stands where it is before the policy's timeout", async () => {
  await inWorld(async ({ client, breaker }) => {
    assert.equal((await client.get({ hang: true }, soon())).error?.code, 4);
    assert.equal(breaker.counts.timeouts, 1);
  }, { policy: { timeout: "1m" } });
});

Deno.test("gRPC: the policy's timeout leaves streams alone", async () => {
  await inWorld(async ({ client, breaker }) => {
    const { call, ended } = hang(client, LIST);
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.deepEqual(outcomes(breaker), NONE);
    call.cancel();
    await ended;
  }, { policy: { timeout: 50 } });
});

Deno.test("gRPC: with limitStreams the policy's timeout ends streams", async () => {
  await inWorld(async ({ client, breaker }) => {
    assert.equal((await hang(client, LIST).ended).error?.code, status.DEADLINE_EXCEEDED);
    assert.deepEqual(outcomes(breaker), TIMEOUT);
  }, { policy: { timeout: 50 }, interceptor: { limitStreams: true } });
});

Deno.test("gRPC: R11: a stream that is dropped unread holds its slot until probeTimeout, and its end is stale", async () => {
  await inWorld(async ({ client, breaker, clock, server }) => {
    halfOpen(breaker, clock);
    const stream = client.list({ hang: true });
    await until(() => server.calls === 1);
    clock.advance(9_999);
    assert.equal(breaker.counts.inFlight, 1);
    clock.advance(1);
    assert.equal(breaker.state, "open");
    assert.equal(breaker.counts.inFlight, 0);
    stream.on("error", () => {});
    stream.cancel();
    assert.equal(breaker.counts.staleCalls, 1);
    await endOf(stream);
  }, { policy: { halfOpen: { probeTimeout: "10s" } } });
});

Deno.test("gRPC: R4: calls that end after the breaker has opened are stale", async () => {
  await inWorld(async ({ client, breaker, server }) => {
    const hanging = [hang(client, LIST, soon()), hang(client, GET, soon())];
    await until(() => server.calls === 2);
    trip(breaker);
    const { lifetime: { failures } } = breaker.counts;
    for (const { ended } of hanging) assert.equal((await ended).error?.code, 4);
    assert.equal(breaker.counts.staleCalls, 2);
    assert.equal(breaker.counts.lifetime.failures, failures);
  });
});

Deno.test("gRPC: a request that cannot be sent because of what is in it is ignored", async () => {
  await inWorld(async ({ client, breaker }) => {
    const unsendable: Ask = JSON.parse("{}");
    Object.defineProperty(unsendable, "toJSON", {
      value: () => {
        throw new Error("no JSON");
      },
    });
    const { error } = await client.get(unsendable);
    assert.equal(error?.code, status.INTERNAL);
    assert.match(error?.details ?? "", /no JSON/);
    assert.deepEqual(outcomes(breaker), IGNORED);
  });
});

Deno.test("gRPC: a closed channel throws as it does without the interceptor, and takes no slot", async () => {
  await inWorld(async ({ client, breaker, clock }) => {
    halfOpen(breaker, clock);
    client.close();
    assert.throws(() => client.list({}), /shut down/);
    assert.equal(breaker.counts.inFlight, 0);
    await Promise.resolve();
  });
});

Deno.test("gRPC: two thousand calls at once are each counted once", async () => {
  await inWorld(async ({ client, breaker, server }) => {
    const asks = Array.from({ length: 2_000 }, (_, i) => i % 4 === 3 ? { code: 14 } : {});
    const ended = await Promise.all(asks.map((ask, i) => client.call(KINDS[i % 4] ?? GET, ask)));
    assert.equal(ended.filter(({ error }) => error !== undefined).length, 500);
    assert.deepEqual(outcomes(breaker), { ...NONE, successes: 1_500, failures: 500 });
    assert.equal(server.calls, 2_000);
  });
});

Deno.test("gRPC: a breaker that opens under a burst refuses the rest of it", async () => {
  await inWorld(async ({ client, breaker, server }) => {
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 100 }, () => client.get({ code: 14 })));
    }
    assert.equal(server.calls, 100);
    assert.equal(breaker.counts.lifetime.failures, 5);
    assert.equal(breaker.counts.staleCalls, 95);
    assert.equal(breaker.counts.rejected, 900);
  }, { policy: { failureThreshold: 5 } });
});

const WRONG: readonly [string, () => unknown, RegExp][] = [
  ["no provider", () => breakerInterceptor(JSON.parse("null")), /"provider" must be an object/],
  [
    "no getBreaker",
    () => breakerInterceptor(JSON.parse("{}")),
    /"provider.getBreaker" must be a function/,
  ],
  ["an unknown option", () => wrong({ nam: 1 }), /unknown option "nam"; did you mean "name"\?/],
  ["a name that is no function", () => wrong({ name: "users" }), /"name" must be a function/],
  ["codes that are no list", () => wrong({ failureCodes: 14 }), /"failureCodes" must be/],
  ["a code by name", () => wrong({ failureCodes: ["UNAVAILABLE"] }), /"failureCodes\[0\]" must be/],
  ["the code OK", () => wrong({ failureCodes: [14, 0] }), /"failureCodes\[1\]" must be/],
  ["a limit that is no boolean", () => wrong({ limitStreams: 1 }), /"limitStreams" must be one of/],
];

for (const [what, create, message] of WRONG) {
  Deno.test(`gRPC: the interceptor is not created with ${what}`, () => {
    assert.throws(create, message);
  });
}

function wrong(options: unknown): unknown {
  return breakerInterceptor({ getBreaker: createBreaker }, JSON.parse(JSON.stringify(options)));
}

/** An interceptor that starts calls only when told to, as one does that fetches a token first. */
function delaying(): { interceptor: Interceptor; release: () => void } {
  const gate = Promise.withResolvers<void>();
  const interceptor: Interceptor = (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => {
        gate.promise.then(() => next(metadata, listener));
      },
    });
  return { interceptor, release: gate.resolve };
}

/** The interceptor that gRFC L5 gives as its example of retries, which waits for a message before each status. */
function retrying(retries: number): Interceptor {
  return (options, nextCall) => {
    let request: unknown;
    let passMessage: ((message: unknown) => void) | undefined;
    return new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => {
        let left = retries;
        const attempt = (): void => {
          const call = nextCall(options);
          call.start(metadata, {
            onReceiveMessage: () => {},
            onReceiveStatus: (ending) => judge(ending, listener.onReceiveStatus.bind(listener)),
          });
          call.sendMessage(request);
          call.halfClose();
        };
        const judge: (
          ending: Parameters<typeof listener.onReceiveStatus>[0],
          pass: typeof listener.onReceiveStatus,
        ) => void = (ending, pass) => {
          if (ending.code !== status.OK && left-- > 0) return attempt();
          assert(passMessage, "no message came before the status");
          passMessage(null);
          pass(ending);
        };
        next(metadata, {
          onReceiveMessage: (_message, pass) => {
            passMessage = pass;
          },
          onReceiveStatus: (ending, pass) => judge(ending, pass),
        });
      },
      sendMessage: (message, next) => {
        request = message;
        next(message);
      },
    });
  };
}
