import type { Breaker } from "../../src/breaker/breaker.ts";
import { insideOf } from "../../src/breaker/inside_of.ts";
import type { Permit } from "../../src/breaker/permit.ts";
import type { Outcome } from "../../src/breaker/window/outcome.ts";
import { type AbortWatch, type AbortWatcher, watchAbort } from "../../src/call/abort_watch.ts";
import { BreakerTimeoutError } from "../../src/errors.ts";
import type { Clock } from "../../src/time/clock.ts";
import type { Deadline } from "../../src/time/deadline.ts";
import { deadlinesOf } from "../../src/time/deadlines.ts";
import { race } from "../../src/time/waiting.ts";
import type { CallSettings } from "../rpc/call_settings.ts";
import { DEADLINE_EXCEEDED, settle } from "../rpc/status_code.ts";
import { ConnectFailure, readConnectError } from "./connect_failure.ts";

const UNKNOWN = 2;

/** What a call goes by. */
export interface ConnectCallOptions {
  /** How its end is judged. */
  readonly settings: CallSettings;
  /** The breaker that has admitted it. */
  readonly breaker: Breaker;
  /** The caller's signal. */
  readonly signal: AbortSignal;
  /** Its time limit in milliseconds, if it has one. */
  readonly timeoutMs: number | undefined;
}

/**
 * One admitted call, which settles its permit once: when it has ended, as soon
 * as the caller aborts it, or at its time limit, whatever the transport does.
 */
export class ConnectCall implements AbortWatcher {
  /** Aborted by the caller, or at the time limit. */
  readonly signal: AbortSignal;
  readonly #permit: Permit;
  readonly #settings: CallSettings;
  readonly #clock: Clock;
  readonly #outer: AbortSignal;
  readonly #limit: AbortController | undefined;
  #deadline: Deadline | undefined;
  #watch: AbortWatch | undefined;

  /** Begins a call that holds `permit`. */
  constructor(permit: Permit, options: ConnectCallOptions) {
    const { settings, breaker, signal, timeoutMs } = options;
    this.#permit = permit;
    this.#settings = settings;
    this.#clock = insideOf(breaker).clock;
    this.#outer = signal;
    if (timeoutMs !== undefined) {
      const cause = new BreakerTimeoutError(breaker.name, timeoutMs);
      this.#limit = new AbortController();
      const onDeadline = (): void => this.#timeOut(cause);
      this.#deadline = deadlinesOf(this.#clock).set(timeoutMs, { onDeadline });
    }
    this.signal = this.#limit?.signal ?? signal;
    this.#watch = watchAbort(signal, this);
  }

  /** Settles as `work` does, or rejects with the signal's reason as soon as that is aborted. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      this.signal.throwIfAborted(); // by a listener to what the admission brought about
      return await race(work(), { clock: this.#clock, signal: this.signal });
    } catch (error) {
      this.#end(this.#judge(error));
      throw error;
    }
  }

  /** The call has succeeded. */
  succeed(): void {
    this.#end("success");
  }

  /** The messages of a stream, with whose end the call ends. */
  follow<T>(messages: AsyncIterable<T>): AsyncIterable<T> {
    return { [Symbol.asyncIterator]: () => this.#follow(messages[Symbol.asyncIterator]()) };
  }

  #follow<T>(iterator: AsyncIterator<T>): AsyncIterator<T> {
    return {
      next: async () => {
        const result = await this.run(() => iterator.next());
        if (result.done === true) this.succeed();
        return result;
      },
      return: async (value) => {
        this.#end("ignored"); // the caller wants no more of it
        return await iterator.return?.(value) ?? { done: true, value: await value };
      },
    };
  }

  /** The caller gives up: at its deadline that is a timeout, else it is ignored. */
  onAbort(): void {
    const { reason } = this.#outer;
    const isDeadline = readConnectError(reason)?.code === DEADLINE_EXCEEDED;
    this.#end(isDeadline ? this.#judge(reason) : "ignored");
    this.#limit?.abort(reason);
  }

  #timeOut(cause: BreakerTimeoutError): void {
    this.#end("timeout");
    this.#limit?.abort(new ConnectFailure(DEADLINE_EXCEEDED, cause.message, { cause }));
  }

  #judge(error: unknown): Outcome {
    // What is no ConnectError becomes one of code Unknown on its way to the caller.
    const { code, message } = readConnectError(error) ?? { code: UNKNOWN, message: "" };
    return this.#settings.outcomeOf(code, message);
  }

  #end(outcome: Outcome): void {
    this.#watch?.end();
    this.#deadline?.clear();
    settle(this.#permit, outcome);
  }
}
