import type { Clock } from "../../src/time/clock.ts";
import type { RedisBackEvent, RedisFailureEvent } from "./limiter_events.ts";
import { plainReason } from "./plain_reason.ts";

/** Failures are announced at most this often, in milliseconds. */
const FAILURE_INTERVAL_MS = 60_000;

/** What a report works with. */
export interface FailureReportOptions {
  readonly clock: Clock;
  readonly breaker: string;
  /** Is told of failures. */
  readonly onFailure: (event: RedisFailureEvent) => void;
  /** Is told that Redis is back. */
  readonly onBack: (event: RedisBackEvent) => void;
}

/** Counts the calls that Redis did not decide, and announces them: the first at once, then at most once a minute. */
export class FailureReport {
  readonly #options: FailureReportOptions;
  #announcedAtMs: number | undefined;
  #isDown = false;
  #calls = 0;

  constructor(options: FailureReportOptions) {
    this.#options = options;
  }

  /** Whether the last thing announced was a failure. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** A call was decided without Redis. */
  failed(error: unknown): void {
    this.#calls++;
    const { clock, breaker, onFailure } = this.#options;
    const now = clock.now();
    const since = this.#announcedAtMs;
    if (since !== undefined && Math.abs(now - since) < FAILURE_INTERVAL_MS) return;
    this.#announcedAtMs = now;
    this.#isDown = true;
    const calls = this.#take();
    onFailure({ breaker, reason: plainReason(error), calls });
  }

  /** A call was decided by Redis after failures were announced. */
  succeeded(): void {
    if (!this.#isDown) return;
    this.#isDown = false;
    const { breaker, onBack } = this.#options;
    onBack({ breaker, calls: this.#take() });
  }

  #take(): number {
    const calls = this.#calls;
    this.#calls = 0;
    return calls;
  }
}
