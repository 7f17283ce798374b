import { type Sample, type Trend, trendOf } from "./trend.ts";

/** How much something may grow over a run. */
export interface GrowthLimit {
  /** Growth that is let pass, in units of the measurement. */
  readonly allowance: number;
  /** Growth that is let pass, as a share of the level. */
  readonly share: number;
  /** From which steadiness on growth is no chance (Kendall's tau, from 0 to 1). */
  readonly steadiness: number;
}

/** What is measured, how much of it may grow, and how it is written. */
interface Measure {
  readonly limit: GrowthLimit;
  readonly unit: number;
  readonly unitName: string;
}

const MB = 1e6;

/** Heap, resident memory and file descriptors. */
const MEASURES = {
  heap: { limit: { allowance: 4 * MB, share: 0.05, steadiness: 0.4 }, unit: MB, unitName: "MB" },
  rss: { limit: { allowance: 48 * MB, share: 0.2, steadiness: 0.6 }, unit: MB, unitName: "MB" },
  fds: { limit: { allowance: 24, share: 0.2, steadiness: 0.4 }, unit: 1, unitName: "" },
} as const satisfies Record<string, Measure>;

type MeasureName = keyof typeof MEASURES;

/** One look at what the process holds. */
export type Holdings = Readonly<Record<MeasureName, number>>;

/** The share of the samples at the beginning that are left out, while pools, caches and code warm up. */
const WARM_UP = 0.25;
/** With fewer samples nothing is said. */
const FEWEST = 8;

/** Whether a trend is growth without end. */
export function isGrowing({ growth, steadiness, level }: Trend, limit: GrowthLimit): boolean {
  return growth > Math.max(limit.allowance, limit.share * level) && steadiness > limit.steadiness;
}

/** Follows what the process holds. */
export class MemoryWatch {
  readonly #samples: { readonly at: number; readonly held: Holdings }[] = [];

  /** Adds a look. */
  add(at: number, held: Holdings): void {
    this.#samples.push({ at, held });
  }

  /** The last look. */
  get last(): Holdings | undefined {
    return this.#samples.at(-1)?.held;
  }

  /** Whether there are enough looks for a verdict. */
  get suffices(): boolean {
    return this.#settled().length >= FEWEST;
  }

  /** What grows without end. */
  faults(): string[] {
    if (!this.suffices) return [];
    return this.#measures().filter(([name]) => isGrowing(this.#trend(name), MEASURES[name].limit))
      .map(([name]) => `${name}: ${this.#describe(name)}`);
  }

  /** The trends in words. */
  report(): string[] {
    if (!this.suffices) return [`too few samples for a trend: ${this.#settled().length}`];
    return this.#measures().map(([name]) => `${name} ${this.#describe(name)}`);
  }

  #measures(): [MeasureName, Measure][] {
    return [["heap", MEASURES.heap], ["rss", MEASURES.rss], ["fds", MEASURES.fds]];
  }

  #describe(name: MeasureName): string {
    const { growth, steadiness, level } = this.#trend(name);
    const { unit, unitName } = MEASURES[name];
    const sign = growth < 0 ? "" : "+";
    return `${(level / unit).toFixed(1)} ${unitName}, trend ${sign}${(growth / unit).toFixed(1)} ` +
      `${unitName} over the run (steadiness ${steadiness.toFixed(2)})`;
  }

  #trend(name: MeasureName): Trend {
    const samples = this.#settled().map(({ at, held }): Sample => ({ at, value: held[name] }));
    return trendOf(samples);
  }

  #settled(): readonly { readonly at: number; readonly held: Holdings }[] {
    return this.#samples.slice(Math.ceil(this.#samples.length * WARM_UP));
  }
}

/** What the process holds now; the heap is cleaned up before, where V8 lets it. */
export function holdings(): Holdings {
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect === "function") collect();
  const { heapUsed, rss } = Deno.memoryUsage();
  return { heap: heapUsed, rss, fds: openDescriptors() };
}

/** File descriptors of this process; 0 where the system does not tell. */
export function openDescriptors(): number {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch {
    return 0;
  }
}
