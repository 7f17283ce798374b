/**
 * Circuit breakers around the calls of a Connect client (`@connectrpc/connect`
 * 2), one per method: an interceptor for unary calls and streams, over Connect,
 * gRPC and gRPC-web. It works with your own copy of connect-es and downloads none.
 *
 * @example Usage
 * ```ts
 * import { createBreaker } from "@switchgear/breaker";
 * import { breakerInterceptor } from "@switchgear/breaker/connect";
 * import { createGrpcTransport } from "npm:@connectrpc/connect-node@2.2.0";
 *
 * const breaker = createBreaker("users", { failureThreshold: 5, openStateTimeout: "30s" });
 * const transport = createGrpcTransport({
 *   baseUrl: "http://localhost:8080",
 *   interceptors: [breakerInterceptor({ getBreaker: () => breaker })],
 * });
 * ```
 *
 * @module
 */
export type { BreakerInterceptorOptions, BreakerSource } from "../rpc/call_settings.ts";
export { breakerInterceptor } from "./breaker_interceptor.ts";
export type { ConnectInterceptor, ConnectRequest, ConnectResponse } from "./call_interface.ts";
