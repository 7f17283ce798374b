/** Where the median lies of what some values were drawn from. */
export interface MedianInterval {
  readonly low: number;
  readonly high: number;
  /** How surely it lies there, between 0 and 1. */
  readonly confidence: number;
}

/**
 * The interval of the sign test: from the k-th lowest of the values to the k-th highest, with the
 * largest k that gives the confidence asked for. Nothing is assumed of how the values are spread,
 * only that they were drawn independently. With too few values it is all of them, and less sure.
 *
 * The median lies outside if fewer than k values are above it, or fewer than k below it, and each
 * of n values is above it as a coin falls: the confidence is 1 - 2 P(Bin(n, 1/2) < k). After
 * H. A. David and H. N. Nagaraja, Order Statistics, 3rd edition (2003), section 7.1.
 *
 * @param values One at least.
 */
export function medianInterval(
  values: readonly number[],
  confidence: number,
): MedianInterval {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  let k = 1;
  let chance = 0.5 ** n; // of k - 1 heads in n throws
  let outside = chance; // of fewer than k heads
  while (2 * (k + 1) <= n + 1) {
    chance *= (n - k + 1) / k;
    if (1 - 2 * (outside + chance) < confidence) break;
    outside += chance;
    k++;
  }
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { low: at(k - 1), high: at(n - k), confidence: 1 - 2 * outside };
}
