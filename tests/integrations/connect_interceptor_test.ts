// A real Connect server and clients over Connect and gRPC: callers' deadlines pass in real time.
import assert from "node:assert/strict";
import { StringValueSchema } from "npm:@bufbuild/protobuf@2.17.0/wkt";
import { Code, ConnectError, type Interceptor } from "npm:@connectrpc/connect@2.2.0";
import { memoryBackend } from "../../backends/memory.ts";
import { breakerInterceptor } from "../../integrations/connect/mod.ts";
import { createBreaker, type StandaloneBreaker } from "../../src/breaker/create_breaker.ts";
import { BreakerOpenError } from "../../src/breaker/rejection.ts";
import { retryAfterMs } from "../../src/patterns/retry/retry_after.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { getDefaultConfig } from "../../src/provider/config.ts";
import { createProvider } from "../../src/provider/create_provider.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";
import { TcpProxy } from "../servers/tcp_proxy.ts";
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
  GET,
  LIST,
  type Protocol,
  PUT,
  UsersClient,
  UsersServer,
} from "./connect_users.ts";

const KINDS = [GET, LIST, PUT, CHAT];
const PROTOCOLS: readonly Protocol[] = ["connect", "grpc"];

interface World {
  readonly server: UsersServer;
  readonly proxy: TcpProxy;
  readonly client: UsersClient;
  readonly breaker: StandaloneBreaker;
  readonly clock: ManualClock;
}

interface WorldOptions {
  readonly policy?: Policy;
  readonly interceptor?: Parameters<typeof breakerInterceptor>[1];
  readonly protocol?: Protocol;
}

/** Runs `body` with a server and a client whose calls go through one breaker. */
async function inWorld(body: (world: World) => Promise<void>, options: WorldOptions = {}) {
  const clock = new ManualClock();
  const policy = { failureThreshold: 0, openStateTimeout: "1m", ...options.policy };
  const breaker = createBreaker("users", policy, { clock });
  const guard: Interceptor = breakerInterceptor({ getBreaker: () => breaker }, options.interceptor);
  await using server = await UsersServer.start();
  await using proxy = await TcpProxy.start(server.port);
  await using client = new UsersClient(proxy.port, options.protocol ?? "connect", guard);
  await body({ server, proxy, client, breaker, clock });
  assert.equal(clock.pendingTimers, 0);
}

const JUDGED: readonly [string, Ask, Outcomes][] = [
  ["a result", {}, SUCCESS],
  ["Canceled by the server", { code: Code.Canceled }, IGNORED],
  ["Unknown", { code: Code.Unknown }, FAILURE],
  ["DeadlineExceeded", { code: Code.DeadlineExceeded }, TIMEOUT],
  ["NotFound", { code: Code.NotFound }, SUCCESS],
  ["ResourceExhausted", { code: Code.ResourceExhausted }, FAILURE],
  ["Aborted by the server", { code: Code.Aborted }, SUCCESS],
  ["Internal", { code: Code.Internal }, FAILURE],
  ["Unavailable", { code: Code.Unavailable }, FAILURE],
  ["DataLoss", { code: Code.DataLoss }, FAILURE],
  ["Unauthenticated", { code: Code.Unauthenticated }, SUCCESS],
];

for (const protocol of PROTOCOLS) {
  for (const kind of KINDS) {
    const title = `Connect: ${protocol} ${kind}`;

    Deno.test(`${title}: each code is counted for what it says`, async () => {
      await inWorld(async ({ client, breaker }) => {
        const seen: [string, Ask, Outcomes][] = [];
        for (const [name, ask] of JUDGED) {
          breaker.reset();
          const before = outcomes(breaker);
          const { error } = await client.call(kind, ask);
          assert.equal(error?.code, ask.code, name);
          seen.push([name, ask, outcomes(breaker, before)]);
        }
        assert.deepEqual(seen, JUDGED);
      }, { protocol });
    });

    Deno.test(`${title}: an open breaker refuses with Unavailable and no connection is made`, async () => {
      await inWorld(async ({ client, breaker, proxy }) => {
        trip(breaker);
        const headers = { authorization: "Bearer secret" };
        const { error } = await client.call(kind, {}, { headers });
        assert(error instanceof ConnectError);
        assert.equal(error.code, Code.Unavailable);
        assert.match(
          error.message,
          /^\[unavailable\] Breaker "users" refused the call: it is open/,
        );
        assert.deepEqual([...error.metadata], [["grpc-retry-pushback-ms", "60000"]]);
        assert(error.cause instanceof BreakerOpenError);
        assert.equal(retryAfterMs(error), 60_000);
        assert.equal(proxy.accepted, 0);
      }, { protocol });
    });

    Deno.test(`${title}: an aborted call is ignored at once and frees its probe's slot`, async () => {
      await inWorld(async ({ client, breaker, clock, server }) => {
        trip(breaker);
        clock.advance("1m");
        const abort = new AbortController();
        const ended = client.call(kind, { hang: true }, { signal: abort.signal });
        await until(() => server.calls === 1);
        assert.equal(breaker.counts.inFlight, 1);
        abort.abort();
        assert.equal(breaker.counts.inFlight, 0);
        assert.equal((await ended).error?.code, Code.Canceled);
        assert.deepEqual(outcomes(breaker), { ...FAILURE, ignored: 1 });
        await until(() => server.cancelled === 1);
      }, { protocol });
    });

    Deno.test(`${title}: a call whose signal is aborted already is not run`, async () => {
      await inWorld(async ({ client, breaker, proxy }) => {
        const { error } = await client.call(kind, {}, { signal: AbortSignal.abort() });
        assert.equal(error?.code, Code.Canceled);
        assert.deepEqual(outcomes(breaker), NONE);
        assert.equal(proxy.accepted, 0);
      }, { protocol });
    });

    Deno.test(`${title}: the caller's deadline is a timeout`, async () => {
      await inWorld(async ({ client, breaker }) => {
        const { error } = await client.call(kind, { hang: true }, { timeoutMs: 100 });
        assert.equal(error?.code, Code.DeadlineExceeded);
        assert.deepEqual(outcomes(breaker), TIMEOUT);
      }, { protocol });
    });

    for (const how of ["reset", "end"] as const) {
      Deno.test(`${title}: a connection that is cut (${how}) under the call is a failure`, async () => {
        await inWorld(async ({ client, breaker, proxy, server }) => {
          const ended = client.call(kind, { hang: true });
          await until(() => server.calls === 1);
          proxy.cut(how);
          assert((await ended).error !== undefined);
          assert.deepEqual(outcomes(breaker), FAILURE);
        }, { protocol });
      });
    }

    Deno.test(`${title}: nobody there is a failure`, async () => {
      await inWorld(async ({ client, breaker, proxy }) => {
        await proxy.refuse();
        assert.equal((await client.call(kind, {})).error?.code, Code.Unavailable);
        assert.deepEqual(outcomes(breaker), FAILURE);
      }, { protocol });
    });
  }

  for (const kind of [GET, PUT]) {
    Deno.test(`Connect: ${protocol} ${kind}: the policy's timeout ends the call, whatever the server does`, async () => {
      await inWorld(async ({ client, breaker, clock, server }) => {
        const ended = client.call(kind, { hang: true });
        await until(() => server.calls === 1);
        await clock.tick("2s");
        const { error } = await ended;
        assert.equal(error?.code, Code.DeadlineExceeded);
        assert.equal(
          error?.message,
          '[deadline_exceeded] Call through breaker "users" took longer than 2000 ms',
        );
        assert.deepEqual(outcomes(breaker), TIMEOUT);
        await until(() => server.cancelled === 1);
      }, { protocol, policy: { timeout: "2s" } });
    });
  }

  for (const kind of [LIST, CHAT]) {
    for (const limitStreams of [false, true]) {
      Deno.test(`Connect: ${protocol} ${kind}: the policy's timeout ${limitStreams ? "ends" : "leaves alone"} the stream with limitStreams ${limitStreams}`, async () => {
        await inWorld(async ({ client, breaker, clock, server }) => {
          const abort = new AbortController();
          const ended = client.call(kind, { hang: true }, { signal: abort.signal });
          await until(() => server.calls === 1);
          await clock.tick("2s");
          assert.deepEqual(outcomes(breaker), limitStreams ? TIMEOUT : NONE);
          abort.abort();
          const code = limitStreams ? Code.DeadlineExceeded : Code.Canceled;
          assert.equal((await ended).error?.code, code);
        }, { protocol, policy: { timeout: "2s" }, interceptor: { limitStreams } });
      });
    }
  }
}

Deno.test("Connect: breakers have the names that gRPC's have", async () => {
  const names: string[] = [];
  const provider = { getBreaker: (name: string) => (names.push(name), createBreaker(name)) };
  await using server = await UsersServer.start();
  await using client = new UsersClient(server.port, "connect", breakerInterceptor(provider));
  for (const kind of KINDS) await client.call(kind, {});
  assert.deepEqual(names, ["/im.Users/Get", "/im.Users/List", "/im.Users/Put", "/im.Users/Chat"]);
});

Deno.test("Connect: the pushback is -1 while the mode is forced-open", async () => {
  await inWorld(async ({ client }) => {
    const { error } = await client.call(GET, {});
    assert.deepEqual([...error?.metadata ?? []], [["grpc-retry-pushback-ms", "-1"]]);
  }, { policy: { mode: "forced-open" } });
});

Deno.test("Connect: a refusal is a ConnectError in all that connect-es asks of one", async () => {
  await inWorld(async ({ client }) => {
    const { error } = await client.call(GET, {});
    assert(error !== undefined);
    assert.equal(ConnectError.from(error), error);
    assert.deepEqual(
      error.findDetails(StringValueSchema),
      [],
    );
    assert.equal(error.rawMessage, error.message.replace("[unavailable] ", ""));
  }, { policy: { mode: "forced-open" } });
});

Deno.test("Connect: R11: a stream that is dropped holds its slot until probeTimeout", async () => {
  await inWorld(async ({ client, breaker, clock }) => {
    trip(breaker);
    clock.advance("1m");
    const abort = new AbortController();
    const messages = client.users.list({ value: '{"hang":true}' }, { signal: abort.signal });
    for await (const { value } of messages) {
      assert.equal(value, 1);
      break;
    }
    assert.equal(breaker.counts.inFlight, 1);
    clock.advance("10s");
    assert.equal(breaker.state, "open");
    abort.abort();
    assert.equal(breaker.counts.staleCalls, 1);
  }, { policy: { halfOpen: { probeTimeout: "10s" } } });
});

Deno.test("Connect: R4: calls that end after the breaker has opened are stale", async () => {
  await inWorld(async ({ client, breaker, server }) => {
    const abort = new AbortController();
    const options = { signal: abort.signal };
    const calls = KINDS.map((kind) => client.call(kind, { hang: true }, options));
    await until(() => server.calls === 4);
    trip(breaker);
    abort.abort();
    await Promise.all(calls);
    assert.equal(breaker.counts.staleCalls, 4);
  });
});

Deno.test("Connect: two thousand calls at once are each counted once", async () => {
  await inWorld(async ({ client, breaker, server }) => {
    for (let round = 0; round < 20; round++) { // a Node server takes so many streams at once
      const calls = Array.from({ length: 100 }, (_, i) => {
        return client.call(KINDS[i % 4] ?? GET, i % 4 === 3 ? { code: Code.Unavailable } : {});
      });
      await Promise.all(calls);
    }
    assert.deepEqual(outcomes(breaker), { ...NONE, successes: 1_500, failures: 500 });
    assert.equal(server.calls, 2_000);
  });
});

Deno.test("Connect: a policy that changes in the backend steers the next call", async () => {
  const backend = memoryBackend();
  const config = getDefaultConfig("im-gateway", "development");
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  await using provider = await createProvider(config, { backend, logger: quiet });
  await using server = await UsersServer.start();
  await using client = new UsersClient(server.port, "grpc", breakerInterceptor(provider));
  assert.equal((await client.call(GET, {})).error, undefined);
  backend.set(config.policiesPath, GET, { mode: "forced-open" });
  await until(() => provider.getBreaker(GET).mode === "forced-open");
  assert.equal((await client.call(GET, {})).error?.code, Code.Unavailable);
  backend.set(config.policiesPath, GET, { timeout: "100ms" });
  await until(() => provider.getBreaker(GET).policy.timeout === 100);
  assert.equal((await client.call(GET, { hang: true })).error?.code, Code.DeadlineExceeded);
});

Deno.test("Connect: an unknown option is refused", () => {
  const options = JSON.parse('{"failurecodes": []}');
  assert.throws(
    () => breakerInterceptor({ getBreaker: createBreaker }, options),
    /Cannot create Connect interceptor: unknown option "failurecodes"; did you mean "failureCodes"\?/,
  );
});
