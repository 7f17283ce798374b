import { formatDuration } from "../src/time/duration.ts";

/**
 * Milliseconds for people: Go's notation without units that are zero, so `1m`
 * rather than `1m0s`. It is a valid duration all the same.
 */
export function plainDuration(ms: number): string {
  return formatDuration(ms).replace(/(?<=[a-z])0s$/, "").replace(/(?<=h)0m$/, "");
}
