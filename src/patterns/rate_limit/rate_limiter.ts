import { invoke } from "../../call/invoke.ts";
import type { Operation } from "../../call/operation.ts";
import { OptionsCheck } from "../../check/check_options.ts";
import { type Clock, CLOCK_METHODS, systemClock } from "../../time/clock.ts";
import { type Duration, formatDuration } from "../../time/duration.ts";
import { Timeline, toWholeMs } from "../../time/timeline.ts";
import { callFault } from "../call_fault.ts";
import type { CallBounds, Layer, LayerDescription, LayerOptions } from "../layer.ts";
import { layerTitle } from "../layer_title.ts";
import type { Quota } from "./quota.ts";
import type { QuotaQueue } from "./quota_queue.ts";

/** What every rate limiter takes besides its limit. */
export interface RateLimiterOptions {
  /** Stands in errors. @default "" */
  name?: string | undefined;
  /** How long `do` waits for its turn at most, instead of refusing at once. @default 0 */
  maxWait?: Duration | undefined;
  /** The source of time. @default systemClock */
  clock?: Clock | undefined;
}

/** What a wait for a rate limiter takes. */
export interface WaitOptions {
  /** Ends the wait with the signal's reason; what was waited for stays for others. */
  signal?: AbortSignal | null | undefined;
  /** The longest wait. One that cannot end in time is refused at once. @default unlimited */
  maxWait?: Duration | undefined;
}

/**
 * What lets through only so many events in a stretch of time. All kinds of it
 * are used alike, alone or as a layer around calls.
 *
 * Who waits is served first come, first served. Nobody overtakes: while anybody
 * waits, `allow` refuses, also less than what is there.
 */
export interface RateLimiter extends Layer {
  /** Stands in errors. */
  readonly name: string;
  /** Whether it has all that it ever has to give, and nobody waits: a new one in its place would do the same. */
  readonly isIdle: boolean;
  /** Takes `n` events (1 unless given) if they may happen now; otherwise takes nothing. */
  allow(n?: number): boolean;
  /** Waits until `n` events (1 unless given) may happen, and takes them. */
  wait(n?: number, options?: WaitOptions): Promise<void>;
  /** Whole milliseconds until one who asks now for `n` events (1 unless given) may have them; infinite if never. */
  retryAfterMs(n?: number): number;
}

const CALL = /* @__PURE__ */ new OptionsCheck("call through rate limiter");
const COMMON = ["name", "maxWait", "clock"];

/** What the options common to all rate limiters come to. */
export interface RateLimiterSettings {
  /** Checks what is given at construction. */
  readonly check: OptionsCheck;
  /** Checks what is given later. */
  readonly recheck: OptionsCheck;
  readonly name: string;
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly maxWaitMs: number;
}

/**
 * Checks the options common to all rate limiters, and that there are no unknown ones.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If `maxWait` is negative or no duration.
 */
export function rateLimiterSettings(
  kind: string,
  options: RateLimiterOptions,
  own: readonly string[],
): RateLimiterSettings {
  const { name = "", maxWait = 0, clock = systemClock } = options ?? {};
  const title = layerTitle(kind, String(name));
  const check = new OptionsCheck(`create ${title}`);
  check.known(options, [...own, ...COMMON]);
  check.methods("clock", clock, CLOCK_METHODS);
  return {
    check,
    recheck: new OptionsCheck(`change ${title}`),
    name: check.text("name", name),
    clock,
    timeline: Timeline.of(clock),
    maxWaitMs: check.duration("maxWait", maxWait, { min: 0 }),
  };
}

/**
 * How many events are asked for: a whole number of at least 0.
 *
 * @throws {TypeError} If `n` is no number.
 * @throws {RangeError} If `n` is none of these.
 */
export function checkEvents(limiter: string, n: unknown): void {
  callCheck(limiter).integer("n", n, { min: 0 });
}

function callCheck(limiter: string): OptionsCheck {
  return new OptionsCheck(`take from ${layerTitle("rate limiter", limiter)}`);
}

/** What all rate limiters have in common: a quota, and a queue of those who wait for it. */
export class QuotaLimiter implements RateLimiter {
  /** Stands in errors. */
  readonly name: string;
  readonly #quota: Quota;
  readonly #queue: QuotaQueue;
  readonly #timeline: Timeline;
  readonly #maxWaitMs: number;

  /** Created by the kinds of rate limiters. */
  constructor(settings: RateLimiterSettings, quota: Quota, queue: QuotaQueue) {
    this.name = settings.name;
    this.#quota = quota;
    this.#queue = queue;
    this.#timeline = settings.timeline;
    this.#maxWaitMs = settings.maxWaitMs;
  }

  /** Whether it has all that it ever has to give, and nobody waits: a new one in its place would do the same. */
  get isIdle(): boolean {
    return this.#queue.isEmpty && this.#quota.isFull(this.#timeline.now());
  }

  /**
   * Takes `n` events if they may happen now; otherwise takes nothing.
   *
   * @param n How many. @default 1
   * @returns Whether they may happen. Never while somebody waits, or is owed what was reserved.
   * @throws {RangeError} If `n` is no whole number of at least 0.
   */
  allow(n: number = 1): boolean {
    if (!Number.isSafeInteger(n) || n < 0) checkEvents(this.name, n);
    return this.#queue.take(n);
  }

  /**
   * Waits until `n` events may happen, and takes them. A wait that cannot end
   * within `maxWait` is refused at once and takes nothing; one that turns out
   * not to, because the limit was lowered, is refused then.
   *
   * @param n How many. @default 1
   * @param options The caller's signal, and the longest wait.
   * @returns A promise that resolves when they may happen.
   * @throws {RateLimitedError} If the wait would be too long, or `n` is more than the limit ever gives.
   * @throws {RangeError} If `n` is no whole number of at least 0, or `maxWait` no duration of at least 0.
   * @throws The signal's reason, at once, if the caller aborts.
   */
  wait(n: number = 1, options: WaitOptions = {}): Promise<void> {
    try {
      checkEvents(this.name, n);
      const check = callCheck(this.name);
      check.known(options, ["signal", "maxWait"]);
      const { maxWait } = options;
      const signal = check.signal(options.signal);
      const maxWaitMs = maxWait === undefined
        ? Infinity
        : check.duration("maxWait", maxWait, { min: 0 });
      return this.#queue.wait(n, { signal, maxWaitMs });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * How long one who asks now would have to wait, those in the queue included.
   *
   * @param n How many events. @default 1
   * @returns Whole milliseconds: 0 if they may happen now, infinite if they never may.
   * @throws {RangeError} If `n` is no whole number of at least 0.
   */
  retryAfterMs(n: number = 1): number {
    checkEvents(this.name, n);
    return toWholeMs(this.#queue.delay(n));
  }

  /**
   * Runs `operation` if an event may happen now, or within the option `maxWait`.
   *
   * @typeParam T What the operation resolves to.
   * @param operation The call to limit.
   * @param options The caller's signal, handed to the operation. If it is aborted already, the operation is not run.
   * @returns What the operation resolves to: its own promise, where it need not wait.
   * @throws {RateLimitedError} If it may not happen now, or not within `maxWait`.
   * @throws What the operation throws; the signal's reason, at once, if the caller aborts a wait.
   */
  do<T>(operation: Operation<T>, options?: LayerOptions): Promise<T> {
    const fault = callFault(CALL, options);
    if (fault !== undefined) return Promise.reject(fault);
    const signal = options?.signal ?? undefined;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#queue.take(1)) return invoke(operation, signal);
    if (this.#maxWaitMs === 0) return Promise.reject(this.#queue.refusal(1));
    return this.#queue.wait(1, { signal, maxWaitMs: this.#maxWaitMs }).then(() =>
      signal?.aborted ? Promise.reject(signal.reason) : invoke(operation, signal)
    );
  }

  /** What it does, around a call that costs `inner` at worst. */
  describe({ longestMs, attempts }: CallBounds): LayerDescription {
    const limit = this.#quota.describe();
    const otherwise = this.#maxWaitMs === 0
      ? "refuses the others"
      : `lets the others wait for up to ${formatDuration(this.#maxWaitMs)}`;
    return {
      text: `lets through ${limit} and ${otherwise}`,
      longestMs: longestMs + this.#maxWaitMs,
      attempts,
    };
  }

  /** Says to compositions what it is, also to those of another copy of the package. */
  protected get switchgearLayer(): "limiter" {
    return "limiter";
  }
}
