/** One measurement. */
export interface Sample {
  /** When, in milliseconds. */
  readonly at: number;
  readonly value: number;
}

/** How a measurement moves over time. */
export interface Trend {
  /** What it grows by over the whole time, by the median of the slopes of all pairs (Theil and Sen). */
  readonly growth: number;
  /** The share of pairs that rise less the share of those that fall, from -1 to 1 (Kendall's tau). */
  readonly steadiness: number;
  /** The median of all samples. */
  readonly level: number;
}

/** The trend of at least two samples, which a few far-off ones do not move. */
export function trendOf(samples: readonly Sample[]): Trend {
  const slopes: number[] = [];
  let rising = 0;
  let pairs = 0;
  samples.forEach((a, i) => {
    for (const b of samples.slice(i + 1)) {
      if (b.at === a.at) continue;
      slopes.push((b.value - a.value) / (b.at - a.at));
      rising += Math.sign(b.value - a.value);
      pairs++;
    }
  });
  const first = samples.at(0);
  const last = samples.at(-1);
  if (first === undefined || last === undefined || pairs === 0) {
    throw new RangeError(`Cannot find a trend: ${samples.length} samples are too few`);
  }
  return {
    growth: median(slopes) * (last.at - first.at),
    steadiness: rising / pairs,
    level: median(samples.map(({ value }) => value)),
  };
}

/** The median. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (upper + lower) / 2;
}
