/**
 * The value that a share of all values does not exceed, by the nearest-rank
 * method: always one of the values, never an interpolation.
 *
 * @param values In any order.
 * @param share Above 0, at most 1: 0.99 for the 99th percentile.
 * @returns The value; `undefined` if there is none.
 */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(share * sorted.length) - 1];
}
