/**
 * Circuit breakers around the calls of a `@grpc/grpc-js` client, one per method:
 * an interceptor for unary calls and streams. It works with your own copy of
 * grpc-js and downloads none.
 *
 * @example Usage
 * ```ts
 * import { createBreaker } from "@switchgear/breaker";
 * import { breakerInterceptor } from "@switchgear/breaker/grpc";
 * import { Client, credentials } from "npm:@grpc/grpc-js@1.14.7";
 *
 * const breaker = createBreaker("users", { failureThreshold: 5, openStateTimeout: "30s" });
 * const users = new Client("localhost:50051", credentials.createInsecure(), {
 *   interceptors: [breakerInterceptor({ getBreaker: () => breaker })],
 * });
 * users.close();
 * ```
 *
 * @module
 */
export { breakerInterceptor } from "./breaker_interceptor.ts";
export type {
  GrpcInterceptingCall,
  GrpcInterceptor,
  GrpcListener,
  GrpcMessageContext,
  GrpcMetadata,
  GrpcStatus,
} from "./call_interface.ts";
export type { BreakerInterceptorOptions, BreakerSource } from "../rpc/call_settings.ts";
