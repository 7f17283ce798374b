import { OptionsCheck } from "../../src/check/check_options.ts";
import { describeValue } from "../../src/check/describe_value.ts";
import { logSafely } from "../../src/log.ts";
import { ask } from "../../src/patterns/ask.ts";
import { retryAfterMs } from "../../src/patterns/retry/retry_after.ts";
import type { BreakerSource } from "./breaker_source.ts";
import { FetchCall, type FetchCallHost } from "./fetch_call.ts";
import {
  type Fetch,
  fetchArguments,
  type FetchTarget,
  isMistaken,
  isRepeatable,
  originOf,
  signalOf,
  targetOf,
} from "./fetch_target.ts";
import { checkFetchOptions, FETCH_FIELDS, type ProtectFetchOptions } from "./options.ts";

class ProtectedFetch {
  readonly #source: BreakerSource;
  readonly #options: ProtectFetchOptions;
  readonly #host: FetchCallHost;
  readonly #longestMs: number;

  constructor(source: BreakerSource, options: ProtectFetchOptions) {
    const check = new OptionsCheck("protect fetch");
    check.object("provider", source);
    check.callable("provider.getBreaker", source.getBreaker);
    check.known(options, FETCH_FIELDS);
    this.#longestMs = checkFetchOptions(check, options);
    this.#source = source;
    this.#options = options;
    this.#host = {
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      isFailure: (response) => this.#isFailure(response),
      waitAsked: (response) => this.#waitAsked(response),
    };
  }

  async fetch(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const request = fetchArguments(input, init);
    const target = targetOf(request);
    if (target === undefined || isMistaken(request, target)) {
      // The platform says what is wrong; the server had no part in it.
      return await this.#host.fetch(request.input, request.init);
    }
    signalOf(request)?.throwIfAborted();
    const breaker = this.#source.getBreaker(this.#nameOf(target));
    const { retry, until } = this.#options;
    const call = new FetchCall(request, {
      breaker,
      host: this.#host,
      retry: retry !== undefined && isRepeatable(request, target) ? retry : undefined,
    });
    return await (until === "body" ? call.untilBody() : call.untilHeaders());
  }

  #waitAsked({ status, headers }: Response): number | undefined {
    if (status !== 429 && status !== 503) return undefined;
    const askedMs = retryAfterMs({ headers }, this.#options.wallClock);
    return askedMs === undefined ? undefined : Math.min(askedMs, this.#longestMs);
  }

  #nameOf(target: FetchTarget): string {
    const { name } = this.#options;
    if (name === undefined) return originOf(target);
    try {
      const given: unknown = name(target);
      if (typeof given === "string") return given;
      throw new TypeError(`name must give a text, gave ${describeValue(given)}`);
    } catch (error) {
      this.#report("name failed, using the origin", error);
      return originOf(target);
    }
  }

  #isFailure(response: Response): boolean {
    const otherwise = isFailedStatus(response);
    const { isFailure } = this.#options;
    if (isFailure === undefined) return otherwise;
    return ask(response, {
      name: "isFailure",
      predicate: isFailure,
      otherwise,
      report: (message, error) => this.#report(message, error),
    });
  }

  #report(message: string, error: unknown): void {
    logSafely(this.#options.logger ?? console, "error", `Protected fetch: ${message}`, { error });
  }
}

function isFailedStatus({ status }: Response): boolean {
  return status === 429 || status >= 500;
}

/**
 * Puts breakers around `fetch`, one per origin unless `name` says otherwise, each request behind one call.
 *
 * What counts: a response with status 429 or 500 and above is a failure, and reaches the caller all the
 * same, its body unread; so are network errors, the time limit of the breaker's policy, and the caller's abort
 * by a `TimeoutError`, as that of `AbortSignal.timeout`. Any other abort counts for nothing. A request that the platform refuses to send counts for nothing either. What
 * follows a redirect counts for the origin that was asked first.
 *
 * The abort and the time limit cancel the request itself. With `until: "headers"` the time limit ends as
 * they arrive, and the body is cancelled by the caller's signal alone. With `until: "body"` the call and its
 * time limit end with the body, the caller's pauses included: one that breaks off is a failure, one that is
 * cancelled, or let go of unread, counts for nothing.
 *
 * Where a failure with status 429 or 503 says `Retry-After` (RFC 9110, section 10.2.3), a breaker that has
 * opened is not probed before that time, at most for as long as its policy's `maxHold` says: once the open
 * time is over, all calls through it are refused as `held`.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { protectFetch } from "@switchgear/breaker/fetch";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import assert from "node:assert/strict";
 *
 * await using provider = await createProvider(getDefaultConfig("shop", "development"), {
 *   backend: memoryBackend({ default: { timeout: "2s" } }),
 * });
 * await using server = Deno.serve({ port: 0, onListen() {} }, () => new Response("in stock"));
 * const guarded = protectFetch(provider);
 * const response = await guarded(`http://localhost:${server.addr.port}/items/7`);
 * assert.equal(await response.text(), "in stock");
 * assert.equal(provider.getBreaker(`http://localhost:${server.addr.port}`).counts.successes, 1);
 * ```
 *
 * @param provider What gives breakers by name. How many there may be is its to say.
 * @param options How breakers are named, what is a failure, and what else differs from the default. @default {}
 * @returns A function to be used in place of `fetch`. It rejects as `fetch` does, and besides that with `BreakerOpenError` where a call is refused and `BreakerTimeoutError` where it takes too long.
 * @throws {TypeError} If an argument is not known or not of its form.
 * @throws {RangeError} If an option is out of range.
 */
export function protectFetch(provider: BreakerSource, options: ProtectFetchOptions = {}): Fetch {
  const guarded = new ProtectedFetch(provider, options);
  return (input, init) => guarded.fetch(input, init);
}
