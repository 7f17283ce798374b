/** What a sample counts. */
export type Unit = "ns" | "ms" | "B" | "timers" | "1/s";

/** One figure of one round. */
export interface Sample {
  /** The file that measured it, without its ending. */
  readonly suite: string;
  /** What was compared. */
  readonly group: string;
  /** Who was measured. */
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
  /** Whether it is what the others of its group are compared to. */
  readonly baseline: boolean;
}

/** A sample and the round that it was taken in. */
export interface RoundSample extends Sample {
  readonly round: number;
}

interface Measured {
  readonly avg: number;
  /** Whether each iteration was timed by itself. */
  readonly highPrecision: boolean;
}

interface BenchJson {
  readonly benches: readonly {
    readonly group: string | null;
    readonly name: string;
    readonly baseline: boolean;
    readonly results: readonly { readonly ok?: Measured; readonly failed?: unknown }[];
  }[];
}

/** What takes less than this, in nanoseconds, is spoilt by timing each iteration by itself. */
const SPOILT_BELOW = 2_000;

/**
 * Reads what `deno bench --json` printed. The mean of a bench stands for its
 * round: it holds what collecting the garbage of the calls cost, which the
 * median of single calls leaves out.
 *
 * A short bench that was interrupted while it warmed up is taken for a long one
 * and timed call by call: it then measures the timing, and is left out.
 *
 * @throws {Error} If a bench failed.
 */
export function parseBenchJson(suite: string, text: string): Sample[] {
  const { benches }: BenchJson = JSON.parse(text);
  const samples: Sample[] = [];
  for (const { group: givenGroup, name, baseline, results } of benches) {
    for (const { ok } of results) {
      if (ok === undefined) throw new Error(`Bench "${name}" of ${suite} failed`);
      if (ok.highPrecision && ok.avg < SPOILT_BELOW) continue;
      const group = givenGroup ?? "";
      const value = ok.avg / callsPerIteration(group);
      samples.push({ suite, group, name, unit: "ns", value, baseline });
    }
  }
  return samples;
}

/** How many calls one iteration makes: groups that make many say so at their end. */
function callsPerIteration(group: string): number {
  return Number(/: (\d+) calls$/.exec(group)?.[1] ?? 1);
}

/** Reads samples that a script printed, one JSON object per line. */
export function parseSampleLines(text: string): Sample[] {
  return text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** A sample as a script prints it; where it does not say so, it is no baseline. */
export type PrintedSample = Omit<Sample, "baseline"> & Partial<Pick<Sample, "baseline">>;

/** Prints a sample as {@linkcode parseSampleLines} reads it. */
export function printSample({ baseline = false, ...sample }: PrintedSample): void {
  console.log(JSON.stringify({ ...sample, baseline }));
}
