import {
  type BreakerInterceptorOptions,
  type BreakerSource,
  CallSettings,
  refusalOf,
} from "../rpc/call_settings.ts";
import { UNAVAILABLE } from "../rpc/status_code.ts";
import type { ConnectInterceptor } from "./call_interface.ts";
import { ConnectCall } from "./connect_call.ts";
import { ConnectFailure } from "./connect_failure.ts";

/**
 * Creates an interceptor for the transports of `@connectrpc/connect` (Connect,
 * gRPC and gRPC-web) that puts each method behind a breaker of its own, or of a
 * name that is given. Names are those of `./grpc`, `/pkg.Service/Method`.
 *
 * A unary call ends with its response, a stream when its messages have ended,
 * thrown, or been given up. connect-es's own clients tell nobody that a loop
 * over a stream was left: abort its signal then, else it holds a half-open
 * breaker's slot until the policy's `probeTimeout`. The caller's abort is
 * ignored at once, its deadline is a timeout. A call whose signal is aborted
 * already is not run, and a request that cannot be sent because of what is in it
 * is ignored. A connection that is cut is a failure, although connect-node calls
 * it Aborted or Canceled.
 *
 * A call that the breaker refuses throws a `ConnectError` with code Unavailable:
 * its message says why, its metadata's `grpc-retry-pushback-ms` when to try
 * again (gRFC A6; -1 while the mode is `forced-open`, absent while enough probes
 * are in flight), and its `cause` is the `BreakerOpenError`.
 *
 * The policy's `timeout` limits calls with a single response, streams with
 * `limitStreams`. At the limit the call throws a `ConnectError` with code
 * DeadlineExceeded and the transport is aborted; the server is told of the
 * caller's own deadline only.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { breakerInterceptor } from "@switchgear/breaker/connect";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import { createConnectTransport } from "npm:@connectrpc/connect-node@2.2.0";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "development"), {
 *   backend: memoryBackend(),
 * });
 * const transport = createConnectTransport({
 *   baseUrl: "http://localhost:8080",
 *   httpVersion: "2",
 *   interceptors: [breakerInterceptor(provider)],
 * });
 * ```
 *
 * @param provider Where the breakers come from.
 * @param options Names, codes and limits. @default {}
 * @returns The interceptor.
 * @throws {TypeError} If an option is not known or not of its form.
 * @throws {RangeError} If a code is none.
 */
export function breakerInterceptor(
  provider: BreakerSource,
  options: BreakerInterceptorOptions = {},
): ConnectInterceptor {
  const settings = new CallSettings("create Connect interceptor", provider, options);
  return (next) => async (request) => {
    const { signal, service: { typeName }, method: { name, methodKind } } = request;
    signal.throwIfAborted();
    const breaker = settings.breakerOf(`/${typeName}/${name}`);
    const permit = breaker.tryAcquire();
    if (permit === undefined) {
      const { error, metadata } = refusalOf(breaker);
      throw new ConnectFailure(UNAVAILABLE, error.message, { metadata, cause: error });
    }
    const isStream = methodKind === "server_streaming" || methodKind === "bidi_streaming";
    const timeoutMs = settings.timeoutMs(breaker, isStream);
    const call = new ConnectCall(permit, { settings, breaker, signal, timeoutMs });
    const response = await call.run(() => next({ ...request, signal: call.signal }));
    if (response.stream) return { ...response, message: call.follow(response.message) };
    call.succeed();
    return response;
  };
}
