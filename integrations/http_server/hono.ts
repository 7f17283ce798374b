import type { ConnectionInfo, Middleware } from "./middleware.ts";

/** What of Hono's context is needed. */
export interface HonoContext {
  /** The request. */
  readonly req: { readonly raw: Request };
  /** The response. */
  res: Response;
  /** What the server gave Hono beside the request. */
  readonly env: unknown;
}

/** A middleware of Hono's. */
export type HonoMiddleware = (
  context: HonoContext,
  next: () => Promise<void>,
) => Promise<Response | void>;

/**
 * A middleware in the shape of Hono's.
 *
 * @example Usage
 * ```ts
 * import { forHono, rateLimit } from "@switchgear/breaker/http_server";
 * import { Hono } from "npm:hono@4.13.19";
 * import assert from "node:assert/strict";
 *
 * const app = new Hono();
 * app.use(forHono(rateLimit({ rate: 10, burst: 20 })));
 * app.get("/", (context) => context.text("served"));
 * await using server = Deno.serve({ port: 0, onListen() {} }, app.fetch);
 * const response = await fetch(`http://localhost:${server.addr.port}/`);
 * assert.equal(await response.text(), "served");
 * assert.equal(response.headers.get("RateLimit"), '"default";r=19;t=1');
 * ```
 *
 * @param middleware The middleware.
 * @param infoOf What is known of the connection. @default the context's `env`, which is right under `Deno.serve(app.fetch)`
 * @returns The same for Hono's `use`.
 */
export function forHono(
  middleware: Middleware,
  infoOf: (context: HonoContext) => ConnectionInfo | undefined = ({ env }) => asInfo(env),
): HonoMiddleware {
  return async (context, next) => {
    let inner: Response | undefined;
    const response = await middleware(context.req.raw, async () => {
      await next();
      inner = context.res;
      return inner;
    }, infoOf(context));
    if (inner === undefined) return response;
    if (response !== inner) context.res = response;
    return undefined;
  };
}

function asInfo(env: unknown): ConnectionInfo | undefined {
  return typeof env === "object" && env !== null ? env : undefined;
}
