import type { RoundSample, Unit } from "../../bench/report/sample.ts";

/** What a sample is besides its value. */
export interface SampleExtras {
  /** @default "ns" */
  readonly unit?: Unit;
  /** @default false */
  readonly baseline?: boolean;
}

/** A sample of a round; its path is `suite/group/name`. */
export function roundSample(
  round: number,
  path: string,
  value: number,
  extras: SampleExtras = {},
): RoundSample {
  const [suite = "", group = "", name = ""] = path.split("/");
  return { round, suite, group, name, value, unit: "ns", baseline: false, ...extras };
}
