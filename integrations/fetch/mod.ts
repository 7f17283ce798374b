/**
 * A `fetch` behind circuit breakers, one per origin.
 *
 * @example Usage
 * ```ts
 * import { BreakerOpenError } from "@switchgear/breaker";
 * import { createHttpClient } from "@switchgear/breaker/fetch";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, () => new Response(null, { status: 503 }));
 * const http = createHttpClient({ policy: { failureThreshold: 1 } });
 * const url = `http://localhost:${server.addr.port}/`;
 * const response = await http(url);
 * assert.equal(response.status, 503);
 * await response.body?.cancel();
 * await assert.rejects(http(url), BreakerOpenError);
 * ```
 *
 * @module
 */
export type { BreakerSource } from "./breaker_source.ts";
export { FailedResponseError } from "./failed_response_error.ts";
export type { Fetch, FetchTarget } from "./fetch_target.ts";
export {
  createHttpClient,
  HTTP_CLIENT_POLICY,
  type HttpClient,
  type HttpClientOptions,
} from "./http_client.ts";
export type { ProtectFetchOptions } from "./options.ts";
export { protectFetch } from "./protect_fetch.ts";
