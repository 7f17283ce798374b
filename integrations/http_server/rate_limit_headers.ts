import type { TokenBucket } from "../../src/patterns/rate_limit/token_bucket.ts";

/** The largest integer of a structured field (RFC 9651, section 3.3.1). */
const MAX_INTEGER = 999_999_999_999_999;

/** The `RateLimit-Policy` of a bucket: its burst, and the seconds in which that comes back. */
export function policyHeader(name: string, { rate, burst }: TokenBucket): string {
  const window = rate > 0 ? `;w=${integer(Math.ceil(burst / rate))}` : "";
  return `${quoted(name)};q=${integer(burst)}${window}`;
}

/** The `RateLimit` of a bucket: what is left, and the seconds until there is more. */
export function limitHeader(name: string, bucket: TokenBucket): string {
  const left = Math.min(bucket.burst, Math.max(0, Math.floor(bucket.tokens)));
  const seconds = left < bucket.burst ? retryAfterSeconds(bucket, left + 1) : undefined;
  return `${quoted(name)};r=${integer(left)}${seconds === undefined ? "" : `;t=${seconds}`}`;
}

/** Whole seconds until one may have `n` events, at least 1; `undefined`: never. */
export function retryAfterSeconds(bucket: TokenBucket, n: number): number | undefined {
  const ms = bucket.retryAfterMs(n);
  return ms < Infinity ? integer(Math.max(1, Math.ceil(ms / 1_000))) : undefined;
}

function integer(value: number): number {
  return Math.min(value, MAX_INTEGER);
}

/** A string of a structured field; the name is printable ASCII. */
function quoted(name: string): string {
  return `"${name.replaceAll(/["\\]/g, "\\$&")}"`;
}
