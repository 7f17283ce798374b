import type { RoundSample, Sample, Unit } from "./sample.ts";

/** A figure over all rounds. */
export interface Spread {
  readonly median: number;
  /** The lowest of any round. */
  readonly low: number;
  /** The highest of any round. */
  readonly high: number;
}

/** A figure and what it is of. */
export interface Figure extends Omit<Sample, "value">, Spread {}

/** Looks up a value of one round. */
export type Lookup = (suite: string, group: string, name: string) => number;

/** The spread of some values, one at least. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    low: at(0),
    high: at(sorted.length - 1),
  };
}

/** All samples of all rounds. */
export class Figures {
  readonly #samples: readonly RoundSample[];
  readonly #byRound = new Map<number, Map<string, number>>();

  /** Takes the samples in the order in which they are to be shown. */
  constructor(samples: readonly RoundSample[]) {
    this.#samples = samples;
    for (const { round, suite, group, name, value } of samples) {
      let values = this.#byRound.get(round);
      if (values === undefined) this.#byRound.set(round, values = new Map());
      values.set(keyOf(suite, group, name), value);
    }
  }

  /** How many rounds there were. */
  get rounds(): number {
    return this.#byRound.size;
  }

  /** Every figure, in the order of the samples. */
  all(): Figure[] {
    const figures = new Map<string, { first: RoundSample; values: number[] }>();
    for (const sample of this.#samples) {
      const key = keyOf(sample.suite, sample.group, sample.name);
      const figure = figures.get(key);
      if (figure === undefined) figures.set(key, { first: sample, values: [sample.value] });
      else figure.values.push(sample.value);
    }
    return [...figures.values()].map(({ first, values }) => {
      const { suite, group, name, unit, baseline } = first;
      return { suite, group, name, unit, baseline, ...spreadOf(values) };
    });
  }

  /**
   * A figure computed in each round from what that round measured, so that a
   * machine that is slower in one round is so on both sides of a ratio. Rounds
   * that have not measured all that it takes are left out.
   */
  inEachRound(measure: (get: Lookup) => number): number[] {
    const computed: number[] = [];
    for (const values of this.#byRound.values()) {
      let missing = false;
      const value = measure((suite, group, name) => {
        const found = values.get(keyOf(suite, group, name));
        missing ||= found === undefined;
        return found ?? Number.NaN;
      });
      if (!missing) computed.push(value);
    }
    return computed;
  }

  /** The spread of what {@linkcode inEachRound} gives; `undefined`: nothing. */
  derive(measure: (get: Lookup) => number): Spread | undefined {
    const computed = this.inEachRound(measure);
    return computed.length === 0 ? undefined : spreadOf(computed);
  }
}

function keyOf(suite: string, group: string, name: string): string {
  return JSON.stringify([suite, group, name]);
}

/** A quantity for people, to three digits. */
export function formatQuantity(value: number, unit: Unit | "ratio" | "count"): string {
  switch (unit) {
    case "ns":
      if (value >= 1e6) return `${digits(value / 1e6)} ms`;
      if (value >= 1e3) return `${digits(value / 1e3)} µs`;
      return `${digits(value)} ns`;
    case "ms":
      return `${digits(value)} ms`;
    case "B":
      return value >= 10_000 ? `${digits(value / 1_000)} kB` : `${Math.round(value)} B`;
    case "1/s":
      return `${Math.round(value).toLocaleString("en")} /s`;
    case "ratio":
      return digits(value);
    case "timers":
    case "count":
      return digits(value);
  }
}

/** From the one to the other, the unit once if both have it. */
export function formatRange(low: number, high: number, unit: Unit | "ratio" | "count"): string {
  const [from, to] = [formatQuantity(low, unit), formatQuantity(high, unit)];
  const [, sign = ""] = / (\D+)$/.exec(to) ?? [];
  return `${
    sign !== "" && from.endsWith(` ${sign}`) ? from.slice(0, -sign.length - 1) : from
  } … ${to}`;
}

function digits(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 1 ? value.toFixed(2) : value.toPrecision(2);
}
