import { type AbortWatch, watchAbort } from "../../call/abort_watch.ts";
import type { Clock } from "../../time/clock.ts";
import type { Deadline } from "../../time/deadline.ts";
import { deadlinesOf } from "../../time/deadlines.ts";
import { areTimersReplaced } from "../../time/platform_clock.ts";
import { type Nanos, type Timeline, toMs, toWholeMs } from "../../time/timeline.ts";
import type { Quota } from "./quota.ts";
import { RateLimitedError } from "./rate_limited_error.ts";

/** A place in time that a waiter holds whatever becomes of the others. */
export interface Place {
  /** From when on it may go. */
  readonly actAt: Nanos;
  /** Gives it up. */
  giveUp(): void;
}

/** How one waits. */
export interface Patience {
  /** Ends the wait with the signal's reason. */
  readonly signal: AbortSignal | undefined;
  /** The longest wait; infinite if there is none. */
  readonly maxWaitMs: number;
}

/** What a queue stands on. */
export interface QueueHost {
  /** Stands in errors. */
  readonly name: string;
  /** Its timers. */
  readonly clock: Clock;
  /** Its instants, of the same clock. */
  readonly timeline: Timeline;
}

/**
 * Those who wait for a quota: first in, first out, nobody overtakes. One timer
 * wakes the first of them; who leaves is gone at once, and those behind move up.
 */
export class QuotaQueue {
  readonly #host: QueueHost;
  readonly #quota: Quota;
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  /** What those in the queue wait for, places held already left out. */
  #wanted = 0;
  #timer: unknown;
  #wakesAt: Nanos = Infinity;
  /** Whether the timer was set while a test had replaced the program's: it may be lost with them. */
  #isFaked = false;

  /** Starts empty. */
  constructor(host: QueueHost, quota: Quota) {
    this.#host = host;
    this.#quota = quota;
  }

  /** Whether nobody waits. */
  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** Takes `n` events now, unless they are not there or somebody waits. */
  take(n: number): boolean {
    return this.#first === undefined && this.#quota.take(n, this.#host.timeline.now());
  }

  /** Nanoseconds until one who comes now may have `n` events; infinite if never. */
  delay(n: number): Nanos {
    if (n > this.#quota.most) return Infinity;
    const at = this.#host.timeline.now();
    const delay = this.#quota.delay(n, at, this.#wanted);
    return Math.max(delay, (this.#last?.place?.actAt ?? at) - at);
  }

  /** What one who asks for `n` events now is refused with. */
  refusal(n: number): RateLimitedError {
    return new RateLimitedError(this.#host.name, toWholeMs(this.delay(n)));
  }

  /** Waits for `n` events, which are then taken. */
  wait(n: number, { signal, maxWaitMs }: Patience): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.take(n)) return Promise.resolve();
    const delay = this.delay(n);
    if (delay === Infinity || toMs(delay) > maxWaitMs) {
      return Promise.reject(new RateLimitedError(this.#host.name, toWholeMs(delay)));
    }
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(n, signal, resolve, reject);
      this.#enter(waiter);
      try {
        if (signal !== undefined) this.#listen(waiter, signal);
        if (maxWaitMs < Infinity) this.#limit(waiter, maxWaitMs);
        this.#wake();
      } catch (error) { // no real signal, or a clock without timers
        reject(error);
        this.#leave(waiter);
      }
    });
  }

  /** Gives everybody who waits a place of their own, in their order. */
  assignPlaces(assign: (n: number) => Place | undefined): void {
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.next) {
      if (waiter.place !== undefined) continue;
      waiter.place = assign(waiter.n);
      if (waiter.place !== undefined) this.#wanted -= waiter.n;
    }
  }

  /** Serves whose turn it is, refuses whose turn can never come, and sleeps until the next is due. */
  serve(): void {
    for (let waiter = this.#first; waiter !== undefined; waiter = this.#first) {
      const at = this.#host.timeline.now();
      const delay = this.#delayOf(waiter, at);
      if (waiter.signal?.aborted) { // and has not heard of it yet
        waiter.reject(waiter.signal.reason);
        this.#remove(waiter);
        waiter.place?.giveUp();
      } else if (delay === Infinity) {
        this.#remove(waiter);
        waiter.reject(new RateLimitedError(this.#host.name, Infinity));
      } else if (delay === 0 && (waiter.place !== undefined || this.#quota.take(waiter.n, at))) {
        this.#remove(waiter);
        waiter.resolve();
      } else {
        break;
      }
    }
    this.#wake();
  }

  #delayOf({ n, place }: Waiter, at: Nanos): Nanos {
    if (place !== undefined) return Math.max(0, place.actAt - at);
    return n > this.#quota.most ? Infinity : this.#quota.delay(n, at, 0);
  }

  #listen(waiter: Waiter, signal: AbortSignal): void {
    const onAbort = (): void => {
      waiter.reject(signal.reason);
      this.#leave(waiter);
    };
    waiter.watch = watchAbort(signal, { onAbort });
  }

  #limit(waiter: Waiter, maxWaitMs: number): void {
    const onDeadline = (): void => {
      this.serve(); // who is due at the very deadline is in time
      if (!waiter.isWaiting) return;
      const refusal = new RateLimitedError(this.#host.name, this.#retryAfterMs(waiter));
      waiter.reject(refusal);
      this.#leave(waiter);
    };
    waiter.limit = deadlinesOf(this.#host.clock).set(maxWaitMs, { onDeadline });
  }

  #retryAfterMs(waiter: Waiter): number {
    return toWholeMs(this.#delayOf(waiter, this.#host.timeline.now()));
  }

  /** Leaves unserved: those behind move up. */
  #leave(waiter: Waiter): void {
    if (!waiter.isWaiting) return;
    const wasFirst = waiter === this.#first;
    this.#remove(waiter);
    waiter.place?.giveUp();
    if (wasFirst) this.serve();
  }

  #enter(waiter: Waiter): void {
    waiter.isWaiting = true;
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#wanted += waiter.n;
  }

  #remove(waiter: Waiter): void {
    const { previous, next } = waiter;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    waiter.isWaiting = false;
    if (waiter.place === undefined) this.#wanted -= waiter.n;
    waiter.watch?.end();
    waiter.limit?.clear();
  }

  /** Sets the timer for the first waiter, where the one that is set is too late or for nobody. */
  #wake(): void {
    const { clock, timeline } = this.#host;
    const first = this.#first;
    if (first === undefined) {
      this.#sleep();
      return;
    }
    const at = timeline.now();
    const delay = this.#delayOf(first, at);
    if (at + delay >= this.#wakesAt && !this.#isFaked) return;
    this.#sleep();
    this.#wakesAt = at + delay;
    this.#isFaked = areTimersReplaced();
    try {
      this.#timer = clock.setTimeout(() => {
        this.#wakesAt = Infinity;
        this.#timer = undefined;
        this.serve();
      }, toMs(delay));
    } catch (error) {
      this.#wakesAt = Infinity;
      throw error;
    }
  }

  #sleep(): void {
    if (this.#wakesAt === Infinity) return;
    this.#wakesAt = Infinity;
    this.#host.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

class Waiter {
  previous: Waiter | undefined;
  next: Waiter | undefined;
  place: Place | undefined;
  isWaiting = false;
  watch: AbortWatch | undefined;
  limit: Deadline | undefined;

  constructor(
    readonly n: number,
    readonly signal: AbortSignal | undefined,
    readonly resolve: () => void,
    readonly reject: (error: unknown) => void,
  ) {}
}
