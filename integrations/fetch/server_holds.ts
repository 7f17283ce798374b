import type { Breaker } from "../../src/breaker/breaker.ts";
import { type BreakerOpenError, lastingError } from "../../src/breaker/rejection.ts";
import { retryAfterMs } from "../../src/patterns/retry/retry_after.ts";
import type { Clock } from "../../src/time/clock.ts";
import { type Nanos, Timeline, toNanos, toWholeMs } from "../../src/time/timeline.ts";
import type { WallClock } from "../../src/time/wall_clock.ts";

/** What holds are made with. */
export interface ServerHoldsOptions {
  /** The source of time. */
  readonly clock: Clock;
  /** The time of day, for dates. */
  readonly wallClock: WallClock;
  /** The longest hold, in milliseconds; 0: there is none. */
  readonly longestMs: number;
}

interface Hold {
  until: Nanos;
  /** Serves all calls that are refused during one opening, as the breaker's own does. */
  error?: BreakerOpenError;
}

/**
 * Until when servers asked to be left alone, by breaker. A breaker's open time is its policy's, so where a
 * server asks for longer, the calls are refused here, before they reach the breaker that would probe. Whether
 * to open at all stays with the breaker: while it is closed no hold counts.
 */
export class ServerHolds {
  readonly #options: ServerHoldsOptions;
  readonly #timeline: Timeline;
  readonly #holds = new WeakMap<Breaker, Hold>();

  /** Starts without any. */
  constructor(options: ServerHoldsOptions) {
    this.#options = options;
    this.#timeline = Timeline.of(options.clock);
  }

  /** Notes what a failure asks for. */
  note(breaker: Breaker, response: Response): void {
    const { status, headers } = response;
    const { longestMs, wallClock } = this.#options;
    if (longestMs === 0 || (status !== 429 && status !== 503)) return;
    const askedMs = retryAfterMs({ headers }, wallClock);
    if (askedMs === undefined) return;
    const until = this.#timeline.now() + toNanos(Math.min(askedMs, longestMs));
    const hold = this.#holds.get(breaker);
    if (hold === undefined) this.#holds.set(breaker, { until });
    else hold.until = Math.max(hold.until, until);
  }

  /** The error for a call to be refused for its server's sake; `undefined`: it is the breaker's to decide. */
  refusal(breaker: Breaker): BreakerOpenError | undefined {
    const hold = this.#holds.get(breaker);
    if (hold === undefined) return undefined;
    const left = hold.until - this.#timeline.now();
    if (left <= 0) {
      this.#holds.delete(breaker);
      return undefined;
    }
    if (breaker.state === "closed") return undefined;
    const peek = breaker.peek();
    if (!peek.admitted) {
      if (peek.reason === "forced" || (peek.retryAfterMs ?? 0) >= toWholeMs(left)) return undefined;
      breaker.tryAcquire()?.ignore(); // so that the breaker counts what it would refuse, too
    }
    return this.#errorOf(hold, breaker);
  }

  #errorOf(hold: Hold, breaker: Breaker): BreakerOpenError {
    const { name, trip } = breaker;
    if (hold.error?.trip !== trip) delete hold.error; // of an opening before
    return hold.error ??= lastingError(
      { breaker: name, state: "open", reason: "open", ...(trip !== undefined && { trip }) },
      () => toWholeMs(hold.until - this.#timeline.now()),
    );
  }
}
