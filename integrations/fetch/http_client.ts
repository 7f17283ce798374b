import type { Breaker } from "../../src/breaker/breaker.ts";
import { BreakerCore } from "../../src/breaker/core.ts";
import { checkSettings } from "../../src/breaker/host/check_settings.ts";
import { BreakerHost } from "../../src/breaker/host/host.ts";
import type { BreakerSettings } from "../../src/breaker/host/settings.ts";
import { standalonePolicy } from "../../src/breaker/state/standalone_policy.ts";
import { OptionsCheck } from "../../src/check/check_options.ts";
import { assertPolicy } from "../../src/policy/parse_policy.ts";
import type { Policy } from "../../src/policy/policy.ts";
import type { Clock } from "../../src/time/clock.ts";
import { Registry } from "../../src/provider/registry.ts";
import type { BreakerSource } from "./breaker_source.ts";
import type { Fetch } from "./fetch_target.ts";
import { FETCH_FIELDS, type ProtectFetchOptions } from "./options.ts";
import { protectFetch } from "./protect_fetch.ts";

/** What {@linkcode createHttpClient} takes. */
export interface HttpClientOptions extends ProtectFetchOptions {
  /** What differs from {@linkcode HTTP_CLIENT_POLICY}. @default {} */
  policy?: Policy | undefined;
  /** Breakers held; a new origin beyond that takes the place of one that is closed and not in use. @default 10_000 */
  maxBreakers?: number | undefined;
  /** The source of time of the breakers. @default systemClock */
  clock?: Clock | undefined;
  /** Draws in [0, 1) for the jitter of the open time. @default Math.random */
  random?: (() => number) | undefined;
}

/** A `fetch` with breakers of its own. */
export interface HttpClient extends Fetch, BreakerSource {
  /** Breakers that the client itself holds: at most `maxBreakers`, and up to twice as many where all are in use. */
  readonly heldBreakers: number;
  /** Every breaker that there is: those that the client holds, and those that somebody else still does. */
  breakers(): Iterable<Breaker>;
}

/** A time limit of 10 s, open for 30 s after 5 consecutive failures, closed by 3 probes that succeed. */
export const HTTP_CLIENT_POLICY: Policy = Object.freeze({
  timeout: "10s",
  failureThreshold: 5,
  openStateTimeout: "30s",
  successThreshold: 3,
  halfOpen: Object.freeze({ maxProbes: 3 }),
});

/**
 * Creates a resilient `fetch` that needs no provider: a breaker per origin under {@linkcode HTTP_CLIENT_POLICY},
 * and whatever else {@linkcode protectFetch} does.
 *
 * @example Usage
 * ```ts
 * import { createHttpClient } from "@switchgear/breaker/fetch";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, () => new Response("in stock"));
 * const http = createHttpClient();
 * const response = await http(`http://localhost:${server.addr.port}/items/7`);
 * assert.equal(await response.text(), "in stock");
 * ```
 *
 * @example With retries
 * ```ts
 * import { createRetry } from "@switchgear/breaker";
 * import { createHttpClient } from "@switchgear/breaker/fetch";
 * import assert from "node:assert/strict";
 *
 * let requests = 0;
 * await using server = Deno.serve({ port: 0, onListen() {} }, () =>
 *   new Response(null, { status: ++requests < 3 ? 503 : 204 }));
 * const http = createHttpClient({ retry: createRetry({ maxRetries: 2, backoff: "1ms" }) });
 * assert.equal((await http(`http://localhost:${server.addr.port}/`)).status, 204);
 * ```
 *
 * @param options What differs from the default. @default {}
 * @returns The client, with no breakers yet.
 * @throws {InvalidPolicyError} If the policy is invalid; lists every fault.
 * @throws {TypeError} If an option is not known or not of its form.
 * @throws {RangeError} If an option is out of range.
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const check = new OptionsCheck("create HTTP client");
  check.known(options, [...FETCH_FIELDS, "policy", "maxBreakers", "clock", "random"]);
  const { policy = {}, maxBreakers = 10_000, clock, random, ...fetchOptions } = options;
  check.integer("maxBreakers", maxBreakers, { min: 1 });
  const { logger } = fetchOptions;
  const settings: BreakerSettings = {
    ...(clock !== undefined && { clock }),
    ...(logger !== undefined && { logger }),
    ...(random !== undefined && { random }),
  };
  checkSettings(check, settings);
  const merged = { ...HTTP_CLIENT_POLICY, ...assertPolicy("of the HTTP client", policy) };
  const version = standalonePolicy(merged);
  const host = new BreakerHost(settings);
  const registry = new Registry({
    maxBreakers,
    host,
    create: (name) => new BreakerCore(name, host, version),
    log: logger ?? console,
  });
  const source = {
    getBreaker: (name: string): Breaker => registry.get(name),
    breakers: (): Iterable<Breaker> => registry.all(),
  };
  const client = Object.assign(protectFetch(source, fetchOptions), source, { heldBreakers: 0 });
  return Object.defineProperty(client, "heldBreakers", { get: () => registry.size });
}
