import type { Breaker } from "../../src/breaker/breaker.ts";
import type { StateName } from "../../src/breaker/events/state_name.ts";
import { OptionsCheck } from "../../src/check/check_options.ts";
import { shorten } from "../../src/check/describe_value.ts";
import { type Clock, CLOCK_METHODS, systemClock } from "../../src/time/clock.ts";
import type { Duration } from "../../src/time/duration.ts";
import { Timeline, toNanos } from "../../src/time/timeline.ts";
import { parseUrl } from "../parse_url.ts";
import type { Middleware } from "./middleware.ts";

/** What has breakers: a provider, or an HTTP client. */
export interface BreakerList {
  /** Every breaker that there is. */
  breakers(): Iterable<Breaker>;
}

/** What {@linkcode health} takes. */
export interface HealthOptions {
  /** The path that is answered. @default "/health" */
  path?: string | undefined;
  /** The status while a breaker is not closed, such as 503. @default 200 */
  degradedStatus?: number | undefined;
  /** Breakers listed at most; the others are counted. @default 100 */
  maxListed?: number | undefined;
  /** Whether breakers are listed with their names, which say what the service depends on. @default true */
  details?: boolean | undefined;
  /** A report is made anew after so long, however often it is asked for. @default "1s" */
  cacheFor?: Duration | undefined;
  /** The source of time. @default systemClock */
  clock?: Clock | undefined;
}

/** One breaker that is not closed. */
export interface BreakerHealth {
  /** Its name, the first 200 characters of it. */
  readonly name: string;
  /** Its state. */
  readonly state: StateName;
  /** What tripped it, such as `failureRate`, or `manual` for a trip by hand; absent where its mode is `forced-open`. */
  readonly trippedBy?: string;
  /** Whole milliseconds until it may admit a call; absent where that is not known. */
  readonly retryAfterMs?: number;
}

/** What the health endpoint says. */
export interface HealthReport {
  /** `degraded` while a breaker is not closed. */
  readonly status: "ok" | "degraded";
  /** Breakers that are open. */
  readonly open: number;
  /** Breakers that are half-open. */
  readonly halfOpen: number;
  /** The first of them; absent without `details`. */
  readonly breakers?: readonly BreakerHealth[];
  /** How many of them are not listed; absent without `details`. */
  readonly omitted?: number;
}

const FIELDS = ["path", "degradedStatus", "maxListed", "details", "cacheFor", "clock"];
const MAX_NAME = 200;

/**
 * A middleware that answers GET and HEAD for one path with a {@linkcode HealthReport}, and leaves everything else to
 * what comes after it. Nothing of policies, counts, documents or errors is in the report.
 *
 * @example Usage
 * ```ts
 * import { createHttpClient } from "@switchgear/breaker/fetch";
 * import { health } from "@switchgear/breaker/http_server";
 * import assert from "node:assert/strict";
 *
 * const http = createHttpClient();
 * http.getBreaker("https://payments.example").override("forced-open");
 * const endpoint = health(http, { degradedStatus: 503 });
 * const response = await endpoint(new Request("http://localhost/health"), () => new Response());
 * assert.equal(response.status, 503);
 * assert.deepEqual(await response.json(), {
 *   status: "degraded",
 *   open: 1,
 *   halfOpen: 0,
 *   breakers: [{ name: "https://payments.example", state: "open" }],
 *   omitted: 0,
 * });
 * ```
 *
 * @param provider What has the breakers.
 * @param options What differs from the default. @default {}
 * @returns The middleware.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function health(provider: BreakerList, options: HealthOptions = {}): Middleware {
  const check = new OptionsCheck("report health");
  check.object("provider", provider);
  check.callable("provider.breakers", provider.breakers);
  check.known(options, FIELDS);
  const { degradedStatus = 200, maxListed = 100, details = true } = options;
  const { path = "/health", cacheFor = "1s", clock = systemClock } = options;
  check.text("path", path);
  check.integer("degradedStatus", degradedStatus, { min: 200, max: 599 });
  check.integer("maxListed", maxListed, { min: 0 });
  check.oneOf("details", details, [true, false]);
  const freshFor = toNanos(check.duration("cacheFor", cacheFor, { min: 0 }));
  check.methods("clock", clock, CLOCK_METHODS);
  const timeline = Timeline.of(clock);
  let until = -Infinity;
  let status = 200;
  let text = "";

  return (request, next) => {
    const isAsked = request.method === "GET" || request.method === "HEAD";
    if (!isAsked || parseUrl(request.url)?.pathname !== path) return next();
    const now = timeline.now();
    if (now >= until) {
      const report = healthOf(provider.breakers(), details ? maxListed : undefined);
      status = report.status === "ok" ? 200 : degradedStatus;
      text = JSON.stringify(report);
      until = now + freshFor;
    }
    const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
    return new Response(request.method === "HEAD" ? null : text, { status, headers });
  };
}

/** The report; `maxListed` is `undefined` where none are listed. */
function healthOf(breakers: Iterable<Breaker>, maxListed: number | undefined): HealthReport {
  const listed: BreakerHealth[] = [];
  let open = 0;
  let halfOpen = 0;
  for (const breaker of breakers) {
    const { state } = breaker;
    if (state === "closed") continue;
    if (state === "open") open++;
    else halfOpen++;
    if (maxListed !== undefined && listed.length < maxListed) listed.push(entryOf(breaker));
  }
  const degraded = open + halfOpen;
  return {
    status: degraded > 0 ? "degraded" : "ok",
    open,
    halfOpen,
    ...(maxListed !== undefined && { breakers: listed, omitted: degraded - listed.length }),
  };
}

function entryOf(breaker: Breaker): BreakerHealth {
  const { name, state, trip } = breaker;
  const peek = breaker.peek();
  const retryAfterMs = peek.admitted ? undefined : peek.retryAfterMs;
  return {
    name: shorten(name, MAX_NAME),
    state,
    ...(trip !== undefined && { trippedBy: trip.criterion }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}
