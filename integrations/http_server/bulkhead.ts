import { OptionsCheck } from "../../src/check/check_options.ts";
import type { Logger } from "../../src/log.ts";
import { type Bulkhead, createBulkhead } from "../../src/patterns/bulkhead/bulkhead.ts";
import { BulkheadFullError } from "../../src/patterns/bulkhead/bulkhead_full_error.ts";
import type { PartialBulkheadLimits } from "../../src/patterns/bulkhead/bulkhead_options.ts";
import type { BulkheadSlot } from "../../src/patterns/bulkhead/bulkhead_slot.ts";
import type { Clock } from "../../src/time/clock.ts";
import type { Duration } from "../../src/time/duration.ts";
import type { Middleware } from "./middleware.ts";

/** What {@linkcode bulkhead} takes: the limits of a bulkhead, or one that there is already. */
export interface BulkheadMiddlewareOptions extends PartialBulkheadLimits {
  /** Stands in errors and events. @default "" */
  name?: string | undefined;
  /** The source of time. @default systemClock */
  clock?: Clock | undefined;
  /** Hears of listeners that throw. @default console */
  logger?: Logger | undefined;
  /** A bulkhead of the caller's own instead of limits, to be shared, or changed while it is in use. */
  bulkhead?: Bulkhead | undefined;
  /** How long refused clients are asked to wait, in whole seconds, rounded up. @default "1s" */
  retryAfter?: Duration | undefined;
}

/**
 * A middleware that lets so many requests be answered at once, a few more wait, and answers the others with 503 and
 * `Retry-After`. A request that waits loses its place when its client goes away.
 *
 * A request holds its slot until there is a response; a body that is still being streamed then holds none.
 *
 * @example Usage
 * ```ts
 * import { bulkhead } from "@switchgear/breaker/http_server";
 * import assert from "node:assert/strict";
 *
 * const limit = bulkhead({ maxConcurrent: 1, retryAfter: "5s" });
 * const request = new Request("http://localhost/");
 * const { promise, resolve } = Promise.withResolvers<Response>();
 * const first = limit(request, () => promise);
 * const second = await limit(request, () => new Response("served"));
 * assert.deepEqual([second.status, second.headers.get("Retry-After")], [503, "5"]);
 * resolve(new Response("served"));
 * assert.equal((await first).status, 200);
 * ```
 *
 * @param options The limits.
 * @returns The middleware.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function bulkhead(options: BulkheadMiddlewareOptions): Middleware {
  const check = new OptionsCheck("limit concurrent requests");
  check.object("options", options);
  const { bulkhead: given, retryAfter = "1s", ...limits } = options;
  const longestMs = check.duration("retryAfter", retryAfter, { min: 0 });
  const seconds = String(Math.ceil(longestMs / 1_000));
  const { maxConcurrent } = limits;
  if (given !== undefined) {
    check.known(Object.fromEntries(definedOf(limits)), []);
    check.callable("bulkhead.tryAcquire", given?.tryAcquire);
  }
  const slots = given ?? createBulkhead({
    ...limits,
    maxConcurrent: check.integer("maxConcurrent", maxConcurrent, { min: 1 }),
  });

  return async (request, next) => {
    let slot: BulkheadSlot;
    try {
      slot = slots.tryAcquire() ?? await waitForSlot(slots, request);
    } catch (error) {
      if (error instanceof BulkheadFullError) return refuse(seconds);
      if (request.signal.aborted) return gone();
      throw error;
    }
    try {
      return await next();
    } finally {
      slot.release();
    }
  };
}

function definedOf(limits: object): [string, unknown][] {
  return Object.entries(limits).filter(([, value]) => value !== undefined);
}

/** The signal of a request costs more than a refusal: only one that waits needs it. */
function waitForSlot(slots: Bulkhead, request: Request): Promise<BulkheadSlot> {
  const isFull = slots.queued >= slots.limits.maxQueued;
  return isFull ? slots.acquire() : slots.acquire({ signal: request.signal });
}

function refuse(seconds: string): Response {
  const headers = { "Retry-After": seconds };
  return new Response("Service Unavailable\n", { status: 503, headers });
}

/** The client has gone away: nobody reads this, but a server wants a response. 499 is nginx's. */
function gone(): Response {
  return new Response(null, { status: 499 });
}
