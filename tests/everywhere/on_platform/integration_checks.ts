import {
  BreakerOpenError,
  createBreaker,
  createProvider,
  getDefaultConfig,
} from "@switchgear/breaker";
import { breakerInterceptor as connectInterceptor } from "@switchgear/breaker/connect";
import { createHttpClient } from "@switchgear/breaker/fetch";
import { breakerInterceptor as grpcInterceptor } from "@switchgear/breaker/grpc";
import { guard } from "@switchgear/breaker/guard";
import { compose, health, rateLimit } from "@switchgear/breaker/http_server";
import { pinoLogger, withTrace, withTraceId } from "@switchgear/breaker/logs";
import { memoryBackend } from "@switchgear/breaker/memory";
import { createTelemetry } from "@switchgear/breaker/otel";
import { createPrometheus } from "@switchgear/breaker/prometheus";
import { createRedisRateLimiter, fromIoredis } from "@switchgear/breaker/redis";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type Check, SILENT } from "./check_list.ts";
import { RecordedMeter } from "./recorded_meter.ts";

const CONFIG = getDefaultConfig("everywhere", "development");
const FAILURE = new Error("the dependency failed");

/** Runs `use` with the address of a real server that answers `/down` with 503 and hangs at `/hung`. */
async function withServer(use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    if (request.url === "/hung") return;
    response.writeHead(request.url === "/down" ? 503 : 200);
    response.end("served");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    assert(typeof address === "object" && address !== null);
    await use(`http://127.0.0.1:${address.port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** The integrations at their main job. */
export const INTEGRATION_CHECKS: readonly Check[] = [
  {
    name: "fetch: passes answers on, opens on failures and ends what hangs",
    run: () =>
      withServer(async (url) => {
        const http = createHttpClient({ policy: { failureThreshold: 1, openStateTimeout: "1h" } });
        assert.equal(await (await http(`${url}/users`)).text(), "served");
        const hasty = createHttpClient({ policy: { timeout: "100ms" } });
        await assert.rejects(hasty(`${url}/hung`), { code: "BREAKER_TIMEOUT" });
        const down = await http(`${url}/down`);
        assert.equal(down.status, 503);
        await down.body?.cancel();
        await assert.rejects(http(`${url}/users`), BreakerOpenError);
      }),
  },
  {
    name: "http_server: limits and tells its health, on the platform's Request and Response",
    run: async () => {
      const http = createHttpClient();
      const middleware = compose(health(http), rateLimit({ rate: 0.01, burst: 1 }));
      const info = { remoteAddr: { transport: "tcp", hostname: "192.0.2.1" } };
      const ask = async (path: string): Promise<Response> =>
        await middleware(new Request(`http://shop.example${path}`), () => new Response("ok"), info);
      assert.match(await (await ask("/health")).text(), /"status":"ok"/);
      assert.equal(await (await ask("/")).text(), "ok");
      assert.equal((await ask("/")).status, 429);
    },
  },
  {
    name: "guard: puts each method of a client behind a breaker",
    run: async () => {
      class Pool {
        #rows = ["row"];
        query(text: string): Promise<string[]> {
          return text === "down" ? Promise.reject(FAILURE) : Promise.resolve(this.#rows);
        }
      }
      const backend = memoryBackend({ db: { failureThreshold: 1 } });
      const provider = await createProvider(CONFIG, { backend, logger: SILENT });
      try {
        const pool = guard(new Pool(), provider, { name: "db" });
        assert.deepEqual(await pool.query("select 1"), ["row"]);
        await assert.rejects(pool.query("down"), FAILURE);
        await assert.rejects(pool.query("select 1"), { code: "BREAKER_OPEN" });
      } finally {
        await provider.close();
      }
    },
  },
  {
    name: "otel and prometheus: report what the breakers did",
    run: async () => {
      const provider = await createProvider(CONFIG, { backend: memoryBackend() });
      const meter = new RecordedMeter();
      const telemetry = createTelemetry(provider, { meter });
      const prometheus = createPrometheus(provider);
      try {
        await provider.getBreaker("users").do(() => Promise.resolve("Ada"));
        assert.deepEqual(
          meter.read("switchgear.breaker.calls").filter(({ value }) => value > 0),
          [{
            value: 1,
            attributes: {
              "switchgear.breaker.name": "users",
              "switchgear.call.outcome": "success",
            },
          }],
        );
        const response = prometheus.handle(new Request("http://localhost/metrics"));
        assert.match(
          await response.text(),
          /^switchgear_breaker_calls_total\{[^}]*"users"[^}]*"success"[^}]*\} 1$/m,
        );
      } finally {
        telemetry[Symbol.dispose]();
        prometheus[Symbol.dispose]();
        await provider.close();
      }
    },
  },
  {
    name: "logs: the line of an opening carries the trace of the call that caused it",
    run: async () => {
      const lines: { fields: object; message: string }[] = [];
      const note = (fields: object, message: string): void => void lines.push({ fields, message });
      const logger = withTrace(pinoLogger({ debug() {}, info: note, warn: note, error: note }));
      const backend = memoryBackend({ users: { failureThreshold: 1 } });
      const provider = await createProvider(CONFIG, { backend, logger });
      try {
        await withTraceId("4bf92f35", async () => {
          await Promise.resolve();
          await provider.getBreaker("users").do(() => Promise.reject(FAILURE)).catch(() => {});
        });
        const traced = lines.filter(({ fields }) => Reflect.get(fields, "trace_id") === "4bf92f35");
        assert(traced.length > 0, JSON.stringify(lines));
      } finally {
        await provider.close();
      }
    },
  },
  {
    name: "redis: asks the client that it is given",
    run: async () => {
      const answer = (): Promise<unknown> => Promise.resolve([1, 9, 0, 200_000, 0]);
      const backend = memoryBackend();
      backend.set("/limits/", "logins", JSON.stringify({ rate: 5, capacity: 10 }));
      const provider = await createProvider(CONFIG, { backend, logger: SILENT });
      try {
        const limiter = await createRedisRateLimiter({
          client: fromIoredis({ evalsha: answer, eval: answer }),
          provider,
          backend,
          path: "/limits/",
          processes: 1,
        });
        const { allowed, remaining } = await limiter.allow("user 7", "logins");
        assert.deepEqual([allowed, remaining], [true, 9]);
        await limiter[Symbol.asyncDispose]();
      } finally {
        await provider.close();
      }
    },
  },
  {
    name: "connect: passes calls on, and refuses them while the breaker is open",
    run: async () => {
      const breaker = createBreaker("users", { failureThreshold: 1 });
      const intercept = connectInterceptor({ getBreaker: () => breaker });
      assert.equal(typeof grpcInterceptor({ getBreaker: () => breaker }), "function");
      const request = {
        stream: false,
        service: { typeName: "user.UserService" },
        method: { name: "GetUser", methodKind: "unary" },
        signal: new AbortController().signal,
        header: new Headers(),
        message: {},
      } as const;
      const response = { stream: false, message: "Ada", header: new Headers() } as const;
      const call = intercept(() => Promise.resolve(response));
      assert.equal((await call(request)).message, "Ada");
      await assert.rejects(intercept(() => Promise.reject(FAILURE))(request), FAILURE);
      await assert.rejects(call(request), /is open/);
    },
  },
];
