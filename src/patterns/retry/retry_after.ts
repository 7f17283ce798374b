import { systemWallClock, type WallClock } from "../../time/wall_clock.ts";
import { findInCauses, readProperty } from "./retry_causes.ts";
import { parseHttpDate } from "./retry_http_date.ts";

const HEADER = "retry-after";
const MS_PER_S = 1_000;

/**
 * How long a failed call's server asks to wait before the next one: the
 * `Retry-After` of RFC 9110, section 10.2.3. It is looked for on the error and on
 * its causes, each as
 *
 * - a field `retryAfterMs`, in milliseconds (`BreakerOpenError` has one);
 * - a field `retryAfter`: seconds as a number or as text, an HTTP date, or a `Date`;
 * - the header `Retry-After` in `headers` or `response.headers`, a `Headers`, or a
 *   plain object with names in any case: seconds, or an HTTP date.
 *
 * What is none of these is passed over. A date that is past is a wait of 0. It
 * never throws, whatever the error's getters do.
 *
 * @example Usage
 * ```ts
 * import { retryAfterMs } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const response = new Response(null, { status: 503, headers: { "Retry-After": "120" } });
 * assert.equal(retryAfterMs({ response }), 120_000);
 * ```
 *
 * @param error Anything that was thrown.
 * @param wallClock The time of day, for dates. @default systemWallClock
 * @returns The wait in milliseconds, 0 or more, perhaps infinite; `undefined`: none is asked for.
 */
export function retryAfterMs(
  error: unknown,
  wallClock: WallClock = systemWallClock,
): number | undefined {
  return findInCauses(error, (each) => {
    const ms = readProperty(each, "retryAfterMs");
    if (isWait(ms)) return ms;
    return fromValue(readProperty(each, "retryAfter"), wallClock) ??
      fromHeaders(readProperty(each, "headers"), wallClock) ??
      fromHeaders(readProperty(readProperty(each, "response"), "headers"), wallClock);
  });
}

function isWait(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}

function fromValue(value: unknown, wallClock: WallClock): number | undefined {
  if (typeof value === "string") return fromText(value.trim(), wallClock);
  if (value instanceof Date) return until(value.getTime(), wallClock());
  return isWait(value) ? value * MS_PER_S : undefined;
}

function fromText(text: string, wallClock: WallClock): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * MS_PER_S;
  // A number that is neither is not worth a look at the clock.
  if (!/^[A-Z]/.test(text)) return undefined;
  const nowMs = wallClock();
  return until(parseHttpDate(text, nowMs), nowMs);
}

function until(timeMs: number | undefined, nowMs: number): number | undefined {
  const ms = Math.max(0, (timeMs ?? Number.NaN) - nowMs);
  return Number.isNaN(ms) ? undefined : ms;
}

function fromHeaders(headers: unknown, wallClock: WallClock): number | undefined {
  const value = headerOf(headers);
  // Node and some clients keep each header as a list.
  return fromValue(Array.isArray(value) ? value[0] : value, wallClock);
}

function headerOf(headers: unknown): unknown {
  const get = readProperty(headers, "get");
  if (typeof get === "function") return Reflect.apply(get, headers, [HEADER]);
  if (typeof headers !== "object" || headers === null) return undefined;
  const name = Object.keys(headers).find((each) => each.toLowerCase() === HEADER);
  return name === undefined ? undefined : readProperty(headers, name);
}
