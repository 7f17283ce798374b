import type { Breaker } from "../../src/breaker/breaker.ts";
import type { Classification } from "../../src/breaker/host/settings.ts";
import { watchAbort } from "../../src/call/abort_watch.ts";
import { Deferred } from "../../src/call/deferred.ts";
import type { Retry } from "../../src/patterns/retry/retry.ts";
import { FailedResponseError } from "./failed_response_error.ts";
import { type Fetch, type FetchArguments, signalOf } from "./fetch_target.ts";
import { discard, withBody } from "./received_response.ts";
import { TrackedBody, type TrackedBodyOptions } from "./tracked_body.ts";

/** What the calls through one protected fetch share. */
export interface FetchCallHost {
  /** What sends the requests. */
  readonly fetch: Fetch;
  /** Whether a response is a failure; never throws. */
  readonly isFailure: (response: Response) => boolean;
  /** For how long a failed response asks that its server be left alone, in milliseconds; `undefined`: it does not. */
  readonly waitAsked: (response: Response) => number | undefined;
}

/** What one call takes. */
export interface FetchCallOptions {
  readonly breaker: Breaker;
  readonly host: FetchCallHost;
  /** Present where the request can be sent again. */
  readonly retry: Retry | undefined;
}

/**
 * Hands a response to the caller while its call goes on, and then keeps nothing that leads to it: whether anybody
 * still holds the response is what tells whether its body will ever be read.
 */
class Handover {
  #caller: Deferred<Response> | undefined;

  /** Hands over to `caller`, whose promise nobody else may keep. */
  constructor(caller: Deferred<Response>) {
    this.#caller = caller;
  }

  /** Gives the caller the response, and what settles with the body; nothing where there is none to wait for. */
  give(
    response: Response,
    isFailure: boolean,
    options: TrackedBodyOptions,
  ): Promise<void> | undefined {
    const caller = this.#caller;
    if (isFailure || response.body === null) {
      caller?.resolve(response);
      return undefined;
    }
    const body = new TrackedBody(response.body, options);
    caller?.resolve(withBody(response, body.stream()));
    this.#caller = undefined;
    return body.ended;
  }

  fail(error: unknown): void {
    this.#caller?.reject(error);
  }
}

/** One request behind one call through a breaker. */
export class FetchCall {
  readonly #request: FetchArguments;
  readonly #options: FetchCallOptions;
  readonly #signal: AbortSignal | undefined;
  #failed = false;
  /** For how long the last response asks that its server be left alone. */
  #askedMs: number | undefined;

  /** Prepares to send `request`. */
  constructor(request: FetchArguments, options: FetchCallOptions) {
    this.#request = request;
    this.#options = options;
    this.#signal = signalOf(request);
  }

  /** Makes the call, which ends as the response's headers arrive. */
  untilHeaders(): Promise<Response> {
    const signal = this.#signal;
    return this.#options.breaker.do(
      (within) => this.#send(within),
      signal === undefined ? this.#judgement() : { ...this.#judgement(), signal },
    );
  }

  /**
   * Makes the call, which ends with the response's body; at once where there is none, or where the response
   * is a failure by itself.
   */
  untilBody(): Promise<Response> {
    const waiting = new Deferred<Response>();
    const handover = new Handover(waiting);
    // The call's own, because dropping the body must count for nothing, as the caller's abort does.
    const ending = new AbortController();
    const caller = this.#signal;
    const follower = { onAbort: (): void => ending.abort(caller?.reason) };
    const watch = caller === undefined ? undefined : watchAbort(caller, follower);
    const operation = async (within: AbortSignal | undefined): Promise<void> => {
      const response = await this.#send(within);
      await handover.give(response, this.#failed, { signal: within ?? ending.signal, ending });
    };
    this.#options.breaker.do(operation, { ...this.#judgement(), signal: ending.signal }).then(
      () => watch?.end(),
      (error) => {
        watch?.end();
        handover.fail(error);
      },
    );
    return waiting.promise;
  }

  /** How the breaker is to take what the last attempt was answered with. */
  #judgement(): Classification {
    return { isResultFailure: () => this.#failed, holdAfter: () => this.#askedMs };
  }

  #send(within: AbortSignal | undefined): Promise<Response> {
    const { retry } = this.#options;
    return retry === undefined ? this.#attempt(within) : this.#retry(retry, within);
  }

  async #attempt(within: AbortSignal | undefined): Promise<Response> {
    const { host } = this.#options;
    this.#askedMs = undefined;
    const { input, init } = this.#request;
    const caller = this.#signal;
    // The body stays cancellable by the caller's signal, also when the call is over.
    const signal = within === caller || caller === undefined || within === undefined
      ? within
      : AbortSignal.any([within, caller]);
    const { fetch } = host;
    const response = await (signal === caller ? fetch(input, init) : fetch(input, {
      ...init,
      ...(signal !== undefined && { signal }),
    }));
    // The call is over already where a fetch does not heed its signal.
    if (within?.aborted) discard(response);
    this.#failed = host.isFailure(response);
    if (this.#failed) this.#askedMs = host.waitAsked(response);
    return response;
  }

  /** Sends until there is no failure or the retry gives up; what it gives up with is the response. */
  async #retry(retry: Retry, within: AbortSignal | undefined): Promise<Response> {
    let last: FailedResponseError | undefined;
    const attempt = async (signal: AbortSignal | undefined): Promise<Response> => {
      discard(last?.response);
      last = undefined;
      const response = await this.#attempt(signal);
      if (!this.#failed) return response;
      last = new FailedResponseError(response);
      throw last;
    };
    try {
      return await retry.do(attempt, within === undefined ? {} : { signal: within });
    } catch (error) {
      if (error === last && last !== undefined) return last.response;
      discard(last?.response);
      throw error;
    }
  }
}
