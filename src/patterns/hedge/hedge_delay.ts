import type { OptionsCheck } from "../../check/check_options.ts";
import { type Duration, formatDuration } from "../../time/duration.ts";
import { LatencyPercentile } from "./latency_percentile.ts";

/** A delay that follows the latencies of late. */
export interface PercentileDelay {
  /** Share of first attempts that answer within the delay, above 0 and at most 0.9999. @default 0.95 */
  percentile?: number;
  /** The delay is never shorter. @default "1ms" */
  minimum?: Duration;
  /** The delay is never longer. @default no limit */
  maximum?: Duration;
  /** How many latencies must be known before the percentile counts. @default 100 */
  atLeastSamples?: number;
  /** The delay until then. @default no hedges until then */
  initial?: Duration;
  /** How far back latencies count: each until it is between half of this and all of it old. @default "1m" */
  window?: Duration;
}

/** How long a call waits for an answer before the next hedge. */
export interface HedgeDelay {
  /** Whether it wants to be told latencies, and so needs the time. */
  readonly observes: boolean;
  /** The longest that it can be, in milliseconds. */
  readonly longestMs: number;
  /** What it is, in words. */
  readonly text: string;
  /** The delay of a call that starts at `now`, in milliseconds; `undefined`: it has no hedges. */
  at(now: number): number | undefined;
  /** Takes what a first attempt took. */
  observe(latencyMs: number, now: number): void;
}

const PERCENTILE_FIELDS: readonly (keyof PercentileDelay)[] = [
  "percentile",
  "minimum",
  "maximum",
  "atLeastSamples",
  "initial",
  "window",
];

/**
 * Reads the option `delay`.
 *
 * @throws {TypeError} If a field is unknown or of a wrong type.
 * @throws {RangeError} If a field is out of range.
 */
export function hedgeDelay(check: OptionsCheck, delay: Duration | PercentileDelay): HedgeDelay {
  if (typeof delay !== "object" || delay === null) {
    return new FixedDelay(check.duration("delay", delay, { min: 0 }));
  }
  check.known(delay, PERCENTILE_FIELDS);
  const { percentile = 0.95, minimum = "1ms", atLeastSamples = 100, window = "1m" } = delay;
  const minimumMs = check.duration("delay.minimum", minimum, { min: 0 });
  return new ObservedDelay(
    check.number("delay.percentile", percentile, { above: 0, max: 0.9999 }),
    check.duration("delay.window", window, { above: 0 }),
    {
      minimumMs,
      maximumMs: delay.maximum === undefined
        ? Infinity
        : check.duration("delay.maximum", delay.maximum, { min: minimumMs }),
      atLeastSamples: check.integer("delay.atLeastSamples", atLeastSamples, { min: 1 }),
      initialMs: delay.initial === undefined
        ? undefined
        : check.duration("delay.initial", delay.initial, { min: 0 }),
    },
  );
}

class FixedDelay implements HedgeDelay {
  readonly observes = false;
  readonly longestMs: number;

  constructor(delayMs: number) {
    this.longestMs = delayMs;
  }

  get text(): string {
    return formatDuration(this.longestMs);
  }

  at(): number {
    return this.longestMs;
  }

  observe(): void {}
}

interface ObservedLimits {
  readonly minimumMs: number;
  readonly maximumMs: number;
  readonly atLeastSamples: number;
  readonly initialMs: number | undefined;
}

class ObservedDelay implements HedgeDelay {
  readonly observes = true;
  readonly #percentile: number;
  readonly #latencies: LatencyPercentile;
  readonly #limits: ObservedLimits;

  constructor(percentile: number, windowMs: number, limits: ObservedLimits) {
    this.#percentile = percentile;
    this.#latencies = new LatencyPercentile(percentile, windowMs);
    this.#limits = limits;
  }

  get longestMs(): number {
    return Math.max(this.#limits.maximumMs, this.#limits.initialMs ?? 0);
  }

  get text(): string {
    const { minimumMs, maximumMs } = this.#limits;
    const limits = maximumMs === Infinity
      ? `at least ${formatDuration(minimumMs)}`
      : `${formatDuration(minimumMs)} to ${formatDuration(maximumMs)}`;
    const rank = Number((this.#percentile * 100).toFixed(2));
    return `the p${rank} of recent latencies (${limits})`;
  }

  at(now: number): number | undefined {
    const { minimumMs, maximumMs, atLeastSamples, initialMs } = this.#limits;
    if (this.#latencies.size(now) < atLeastSamples) return initialMs;
    const observedMs = this.#latencies.read(now) ?? minimumMs;
    return Math.min(Math.max(observedMs, minimumMs), maximumMs);
  }

  observe(latencyMs: number, now: number): void {
    this.#latencies.record(latencyMs, now);
  }
}
