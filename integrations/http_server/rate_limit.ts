import { OptionsCheck } from "../../src/check/check_options.ts";
import { type Logger, LOGGER_METHODS, logSafely } from "../../src/log.ts";
import {
  createKeyedLimiter,
  type KeyedLimiter,
} from "../../src/patterns/rate_limit/keyed_limiter.ts";
import type { TokenBucket } from "../../src/patterns/rate_limit/token_bucket.ts";
import type { Clock } from "../../src/time/clock.ts";
import type { Duration } from "../../src/time/duration.ts";
import { CLIENT_KEY_FIELDS, ClientKey, type ClientKeyOptions } from "./client_key.ts";
import type { Middleware } from "./middleware.ts";
import { limitHeader, policyHeader, retryAfterSeconds } from "./rate_limit_headers.ts";
import { withHeaders } from "./response_headers.ts";

/** What {@linkcode rateLimit} takes. */
export interface RateLimitOptions extends ClientKeyOptions {
  /** Requests a second for each key, fractions allowed. Needed where no `limiter` is given. */
  rate?: number | undefined;
  /** Requests that a key may make at once. @default what one second brings, at least 1 */
  burst?: number | undefined;
  /** Keys remembered at most. @default 10_000 */
  maxKeys?: number | undefined;
  /** A key that was not used for so long is forgotten, once it has all its requests again. @default "1m" */
  idleFor?: Duration | undefined;
  /** The source of time. @default systemClock */
  clock?: Clock | undefined;
  /** A limiter of the caller's own instead of all above, to be shared, or changed while it is in use. */
  limiter?: KeyedLimiter<TokenBucket> | undefined;
  /** The policy's name in the headers, printable ASCII. @default "default" */
  name?: string | undefined;
  /** Whether responses say how much is left. @default true */
  headers?: boolean | undefined;
  /** Hears of a `key` that fails. @default console */
  logger?: Logger | undefined;
}

const LIMITER_FIELDS = ["rate", "burst", "maxKeys", "idleFor", "clock"] as const;

/**
 * A middleware that lets each client make so many requests, and answers the others with 429.
 *
 * A client is known by its remote address, in IPv6 by its network: nothing that a request says of itself is
 * believed, unless `trustedProxies` or `key` say so. Where nothing is known of the connection (`info` was not handed
 * on, or it is no network's) all such requests share one limit. Whoever can make up more than `maxKeys` keys can get around
 * the limit; whoever knows the limits of others by their keys learns nothing of them here.
 *
 * Responses carry `RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers-11 (May 2026), and those
 * with 429 `Retry-After` (RFC 9110, section 10.2.3). The draft's quota is the burst, its window the time in which that comes back.
 *
 * @example Usage
 * ```ts
 * import { rateLimit } from "@switchgear/breaker/http_server";
 * import assert from "node:assert/strict";
 *
 * const limit = rateLimit({ rate: 0.1, burst: 1, trustedProxies: ["127.0.0.0/8", "::1"] });
 * await using server = Deno.serve({ port: 0, onListen() {} }, (request, info) =>
 *   limit(request, () => new Response("served"), info));
 * const url = `http://localhost:${server.addr.port}/`;
 * const statuses: number[] = [];
 * for (const user of ["ann", "bob", "ann"]) {
 *   const response = await fetch(url, { headers: { "X-User-ID": user } });
 *   await response.body?.cancel();
 *   statuses.push(response.status);
 * }
 * assert.deepEqual(statuses, [200, 200, 429]);
 * ```
 *
 * @param options The limit, and how clients are told apart.
 * @returns The middleware.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const check = new OptionsCheck("limit rate");
  check.known(options, [
    ...CLIENT_KEY_FIELDS,
    ...LIMITER_FIELDS,
    "limiter",
    "name",
    "headers",
    "logger",
  ]);
  const { name = "default", headers = true, logger = console } = options;
  checkName(check.text("name", name));
  check.oneOf("headers", headers, [true, false]);
  check.methods("logger", logger, LOGGER_METHODS);
  const limiter = limiterOf(options, check);
  const report = (message: string, error: unknown): void =>
    logSafely(logger, "error", `Rate limit "${name}": ${message}`, { error });
  const client = new ClientKey(options, { check, report });

  return (request, next, info = {}) => {
    const bucket = limiter.get(client.of(request, info));
    const isAllowed = bucket.allow();
    if (!headers || bucket.rate === Infinity) return isAllowed ? next() : refuse(bucket, []);
    const fields: [string, string][] = [
      ["RateLimit-Policy", policyHeader(name, bucket)],
      ["RateLimit", limitHeader(name, bucket)],
    ];
    if (!isAllowed) return refuse(bucket, fields);
    const response = next();
    // Asked this way round: a handler may have a `Response` of another make, undici's or a framework's.
    return isPromise(response)
      ? response.then((each) => withHeaders(each, fields))
      : withHeaders(response, fields);
  };
}

function isPromise(response: Response | Promise<Response>): response is Promise<Response> {
  return typeof response === "object" && response !== null && "then" in response;
}

function refuse(bucket: TokenBucket, fields: [string, string][]): Response {
  const seconds = retryAfterSeconds(bucket, 1);
  const headers = new Headers(fields);
  if (seconds !== undefined) headers.set("Retry-After", String(seconds));
  return new Response("Too Many Requests\n", { status: 429, headers });
}

function limiterOf(options: RateLimitOptions, check: OptionsCheck): KeyedLimiter<TokenBucket> {
  const { limiter, rate, burst, maxKeys, idleFor, clock } = options;
  if (limiter === undefined) {
    return createKeyedLimiter({
      create: {
        rate: rate === Infinity ? rate : check.number("rate", rate, { min: 0 }),
        ...(burst !== undefined && { burst }),
      },
      ...(maxKeys !== undefined && { maxKeys }),
      ...(idleFor !== undefined && { idleFor }),
      ...(clock !== undefined && { clock }),
    });
  }
  const surplus = LIMITER_FIELDS.find((field) => options[field] !== undefined);
  if (surplus !== undefined) {
    throw new TypeError(`Cannot limit rate: "${surplus}" is the limiter's own where one is given`);
  }
  check.object("limiter", limiter);
  check.callable("limiter.get", limiter.get);
  return limiter;
}

function checkName(name: string): void {
  if (/^[\x20-\x7e]+$/.test(name)) return;
  throw new TypeError(
    `Cannot limit rate: "name" must be printable ASCII, received ${JSON.stringify(name)}`,
  );
}
