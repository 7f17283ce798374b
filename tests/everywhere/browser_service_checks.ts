import {
  BreakerOpenError,
  BreakerTimeoutError,
  createProvider,
  createRetry,
  getDefaultConfig,
} from "@switchgear/breaker";
import { breakerInterceptor } from "@switchgear/breaker/connect";
import { createHttpClient, protectFetch } from "@switchgear/breaker/fetch";
import { guard } from "@switchgear/breaker/guard";
import { bulkhead, compose, rateLimit } from "@switchgear/breaker/http_server";
import { memoryBackend } from "@switchgear/breaker/memory";
import { createTelemetry } from "@switchgear/breaker/otel";
import { createPrometheus } from "@switchgear/breaker/prometheus";
import assert from "node:assert/strict";
import type { SiteCounts } from "./browser_site.ts";
import { pause, until } from "./browser_timers.ts";
import { type Check, SILENT } from "./on_platform/check_list.ts";

/** A breaker around real requests of a page, under policies that change. */
export const SERVICE_CHECKS: readonly Check[] = [
  {
    name: "fetch: a 503 with Retry-After holds requests back for so long, then they go through",
    run: async () => {
      const policy = {
        failureThreshold: 1,
        successThreshold: 1,
        openStateTimeout: "50ms",
        halfOpen: { probeTimeout: "20s" },
      };
      const http = createHttpClient({ policy });
      const before = await counts();
      const { status } = await http("/unavailable?seconds=1");
      const openedAt = performance.now();
      assert.equal(status, 503);
      await pause(100);
      await assert.rejects(http("/unavailable?seconds=1"), BreakerOpenError);
      assert.equal((await counts()).unavailable, before.unavailable + 1);
      await until("the second is over", () => performance.now() - openedAt > 1_050);
      assert.equal((await http("/ok")).status, 200);
      assert.equal(http.getBreaker(location.origin).state, "closed");
    },
  },
  {
    name: "fetch: a response that never comes ends at the time limit, and its connection too",
    run: async () => {
      const http = createHttpClient({ policy: { timeout: "100ms", failureThreshold: 1 } });
      const before = await counts();
      await assert.rejects(http(before.hangingUrl), BreakerTimeoutError);
      await assert.rejects(http(before.hangingUrl), BreakerOpenError);
      const end = performance.now() + 5_000;
      let now = await counts();
      while (now.abandoned === before.abandoned && performance.now() < end) {
        await pause(10);
        now = await counts();
      }
      assert.deepEqual([now.hung - before.hung, now.abandoned - before.abandoned], [1, 1]);
    },
  },
  {
    name: "fetch: a server that cannot be reached opens its breaker",
    run: async () => {
      const retry = createRetry({ maxRetries: 1, backoff: "1ms" });
      const http = createHttpClient({ retry, policy: { failureThreshold: 1 } });
      const { closedUrl } = await counts();
      await assert.rejects(http(closedUrl), TypeError);
      await assert.rejects(http(closedUrl), BreakerOpenError);
    },
  },
  {
    name:
      "a policy that is edited under an open breaker is obeyed, and a refused one changes nothing",
    run: async () => {
      const backend = memoryBackend({ users: { failureThreshold: 1, openStateTimeout: "1h" } });
      const config = getDefaultConfig("page", "development");
      await using provider = await createProvider(config, { backend, logger: SILENT });
      const users = provider.getBreaker("users");
      const guarded = protectFetch(provider, { name: () => "users" });
      assert.equal((await guarded("/unavailable?seconds=0")).status, 503);
      assert.equal(users.state, "open");
      backend.set(config.policiesPath, "users", { failureThreshold: 1, openStateTimeout: "1ms" });
      await until("half-open by the shorter open time", () => users.state === "half-open");
      backend.set(config.policiesPath, "users", '{ "failureThreshold": -1 }');
      await until("refused", () => provider.status().documents.some(({ refused }) => refused));
      assert.equal(users.state, "half-open");
      assert.equal((await guarded("/ok")).status, 200);
    },
  },
  {
    name: "the other entry points that claim a browser work in it",
    run: async () => {
      const config = getDefaultConfig("page", "development");
      await using provider = await createProvider(config, { backend: memoryBackend() });
      const api = guard({ get: () => Promise.resolve("Ada") }, provider, { name: "api" });
      using _telemetry = createTelemetry(provider);
      using prometheus = createPrometheus(provider);
      assert.equal(await api.get(), "Ada");
      assert(prometheus.text().includes('outcome="success"} 1'), prometheus.text());
      const middleware = compose(
        rateLimit({ rate: 1, burst: 1, key: () => "everybody" }),
        bulkhead({ maxConcurrent: 1 }),
      );
      const serve = (): Response => new Response("served");
      const first = await middleware(new Request("/"), serve);
      const second = await middleware(new Request("/"), serve);
      assert.deepEqual([first.status, second.status], [200, 429]);
      assert.equal(typeof breakerInterceptor(provider), "function");
    },
  },
];

async function counts(): Promise<SiteCounts> {
  return await (await fetch("/counts")).json();
}
