/**
 * Middleware for HTTP servers of the web's own shape, for `Deno.serve`, Hono and the like: a rate limit per client,
 * a limit on concurrent requests, and an endpoint that reports open breakers.
 *
 * @example Usage
 * ```ts
 * import { createHttpClient } from "@switchgear/breaker/fetch";
 * import { bulkhead, compose, health, rateLimit } from "@switchgear/breaker/http_server";
 * import assert from "node:assert/strict";
 *
 * const http = createHttpClient();
 * const guard = compose(
 *   health(http),
 *   rateLimit({ rate: 10, burst: 20 }),
 *   bulkhead({ maxConcurrent: 50, maxQueued: 100, maxWait: "1s" }),
 * );
 * await using server = Deno.serve({ port: 0, onListen() {} }, (request, info) =>
 *   guard(request, () => new Response("served"), info));
 * const response = await fetch(`http://localhost:${server.addr.port}/health`);
 * assert.equal((await response.json()).status, "ok");
 * ```
 *
 * @module
 */
export { bulkhead, type BulkheadMiddlewareOptions } from "./bulkhead.ts";
export type { ClientKeyOptions } from "./client_key.ts";
export {
  type BreakerHealth,
  type BreakerList,
  health,
  type HealthOptions,
  type HealthReport,
} from "./health.ts";
export { forHono, type HonoContext, type HonoMiddleware } from "./hono.ts";
export { compose, type ConnectionInfo, type Middleware, type Next } from "./middleware.ts";
export { rateLimit, type RateLimitOptions } from "./rate_limit.ts";
