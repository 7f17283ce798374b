import {
  type BreakerInterceptorOptions,
  type BreakerSource,
  CallSettings,
} from "../rpc/call_settings.ts";
import { BreakerCall } from "./breaker_call.ts";
import type { GrpcCallOptions, GrpcInterceptor, GrpcNextCall } from "./call_interface.ts";

/**
 * Creates a client interceptor for `@grpc/grpc-js` that puts each method behind
 * a breaker of its own, or of a name that is given.
 *
 * A call ends when its status is there: for a stream, once the caller has read
 * all messages. A stream that is dropped unread holds a half-open breaker's slot
 * until the policy's `probeTimeout`. The caller's cancel is ignored at once, and
 * so is a CANCELLED that the server sends; a stream that the server's side resets
 * with CANCEL is a failure. A request that cannot be sent because of what is in
 * it is ignored; one whose deadline is past already is not made.
 *
 * A call that the breaker refuses ends with UNAVAILABLE, without touching the
 * network: the details say why, the metadata's `grpc-retry-pushback-ms` when to
 * try again (gRFC A6; -1 while the mode is `forced-open`, absent while enough
 * probes are in flight), and the error's `cause` is the `BreakerOpenError`.
 *
 * The policy's `timeout` becomes the deadline of calls with a single response,
 * where that is before the caller's; streams have it with `limitStreams`.
 *
 * grpc-js's own retries (a service config's `retryPolicy`) are one call here;
 * interceptors that retry stand before this one, and each try is a call.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { breakerInterceptor } from "@switchgear/breaker/grpc";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import { Client, credentials } from "npm:@grpc/grpc-js@1.14.7";
 * import assert from "node:assert/strict";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "development"), {
 *   backend: memoryBackend({ "/im.Users/Get": { mode: "forced-open" } }),
 * });
 * const users = new Client("localhost:50051", credentials.createInsecure(), {
 *   interceptors: [breakerInterceptor(provider)],
 * });
 * const plain = (bytes: Uint8Array): Buffer => Buffer.from(bytes);
 * const error = await new Promise((done) => {
 *   users.makeUnaryRequest("/im.Users/Get", plain, plain, plain(new Uint8Array()), done);
 * });
 * assert.match(String(error), /UNAVAILABLE: Breaker "\/im.Users\/Get" refused the call/);
 * users.close();
 * ```
 *
 * @typeParam I The interceptor's type of your copy of `@grpc/grpc-js`, taken from where it is used.
 * @param provider Where the breakers come from.
 * @param options Names, codes and limits. @default {}
 * @returns The interceptor. Its calls have the methods of grpc-js's `InterceptingCall`, all that grpc-js asks of them, but are not made by that class.
 * @throws {TypeError} If an option is not known or not of its form.
 * @throws {RangeError} If a code is none.
 */
export function breakerInterceptor<I extends GrpcInterceptor>(
  provider: BreakerSource,
  options?: BreakerInterceptorOptions,
): I;
export function breakerInterceptor(
  provider: BreakerSource,
  options: BreakerInterceptorOptions = {},
): GrpcInterceptor {
  const settings = new CallSettings("create gRPC interceptor", provider, options);
  return (call: GrpcCallOptions, nextCall: GrpcNextCall) =>
    new BreakerCall(settings, call, nextCall);
}
