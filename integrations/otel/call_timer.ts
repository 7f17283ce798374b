import type { Operation } from "../../src/call/operation.ts";
import type { Clock } from "../../src/time/clock.ts";
import type { DurationHistogram, MetricAttributes, TelemetryMeter } from "../telemetry/meter.ts";
import type { Tally } from "../telemetry/tally.ts";
import { breakerAttributes } from "./attributes.ts";

/** OpenTelemetry's own buckets for durations of calls, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** What OpenTelemetry calls an error that has no name of its own. */
const OTHER = "_OTHER";

/** What a timer works with. */
export interface CallTimerOptions {
  readonly meter: TelemetryMeter | undefined;
  readonly tally: Tally;
  /** Stand on every value. */
  readonly attributes: MetricAttributes;
  readonly clock: Clock;
}

/** Records how long operations take, for those who ask for it. */
export class CallTimer implements Disposable {
  readonly #histogram: DurationHistogram | undefined;
  readonly #tally: Tally;
  readonly #attributes: MetricAttributes;
  readonly #clock: Clock;
  #isOver = false;

  /** Creates the histogram. */
  constructor({ meter, tally, attributes, clock }: CallTimerOptions) {
    this.#histogram = meter?.createHistogram("switchgear.breaker.call.duration", {
      unit: "s",
      description: "How long the operations of a breaker took, as far as they are timed.",
      advice: { explicitBucketBoundaries: BUCKETS },
    });
    this.#tally = tally;
    this.#attributes = attributes;
    this.#clock = clock;
  }

  /** An operation that does the same and is timed. */
  timed<T>(breaker: string, operation: Operation<T>): Operation<T> {
    return (signal) => {
      const startMs = this.#now();
      let result: T | PromiseLike<T>;
      try {
        result = operation(signal);
      } catch (error) {
        this.#record(breaker, startMs, error);
        throw error;
      }
      return Promise.resolve(result).then(
        (value) => {
          this.#record(breaker, startMs);
          return value;
        },
        (error: unknown) => {
          this.#record(breaker, startMs, error);
          throw error;
        },
      );
    };
  }

  /** Records nothing more. */
  [Symbol.dispose](): void {
    this.#isOver = true;
  }

  #now(): number {
    try {
      return this.#clock.now();
    } catch {
      return Number.NaN;
    }
  }

  /** A meter or a clock that fails costs a value, never the call: its outcome is the operation's own. */
  #record(breaker: string, startMs: number, ...failure: readonly [error?: unknown]): void {
    if (this.#isOver) return;
    const seconds = Math.max(0, this.#now() - startMs) / 1_000;
    if (Number.isNaN(seconds)) return;
    try {
      this.#histogram?.record(seconds, {
        ...this.#attributes,
        ...breakerAttributes(this.#tally.labelOf(breaker)),
        ...(failure.length > 0 && { "error.type": errorType(failure[0]) }),
      });
    } catch {
      // There is nowhere to report to but the meter itself.
    }
  }
}

/** Anything can be thrown, also what throws when it is looked at. */
function errorType(error: unknown): string {
  try {
    const name: unknown = error instanceof Error ? error.constructor.name : undefined;
    return typeof name === "string" && /^\w{1,60}$/.test(name) ? name : OTHER;
  } catch {
    return OTHER;
  }
}
