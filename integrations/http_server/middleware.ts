/** What is known of the connection that a request came by; what `Deno.serve` gives its handlers fits as it is. */
export interface ConnectionInfo {
  /** The other end of the connection; it has a `hostname` where that is an address. */
  readonly remoteAddr?: {
    readonly transport?: string;
    readonly hostname?: string | undefined;
  };
}

/** Answers a request with whatever comes after the middleware. */
export type Next = () => Response | Promise<Response>;

/** Answers a request itself, or has `next` answer it. */
export type Middleware = (
  request: Request,
  next: Next,
  info?: ConnectionInfo,
) => Response | Promise<Response>;

/**
 * One middleware out of several: the first is the outermost.
 *
 * @example Usage
 * ```ts
 * import { bulkhead, compose, rateLimit } from "@switchgear/breaker/http_server";
 * import assert from "node:assert/strict";
 *
 * const guard = compose(rateLimit({ rate: 10, burst: 20 }), bulkhead({ maxConcurrent: 50 }));
 * await using server = Deno.serve({ port: 0, onListen() {} }, (request, info) =>
 *   guard(request, () => new Response("served"), info));
 * const response = await fetch(`http://localhost:${server.addr.port}/`);
 * assert.equal(await response.text(), "served");
 * assert.equal(response.headers.get("RateLimit-Policy"), '"default";q=20;w=2');
 * ```
 *
 * @param middlewares What a request goes through, in this order.
 * @returns The whole.
 */
export function compose(...middlewares: readonly Middleware[]): Middleware {
  return middlewares.reduceRight<Middleware>(
    (inner, outer) => (request, next, info) =>
      outer(request, () => inner(request, next, info), info),
    (_request, next) => next(),
  );
}
