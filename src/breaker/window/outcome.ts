/**
 * How a call ended (R1): `timeout` is a failure that is counted apart too,
 * `ignored` is in no count and no rate.
 */
export type Outcome = "success" | "failure" | "timeout" | "ignored";

/**
 * A counted outcome packed in three bits: {@linkcode FAILURE}, {@linkcode SLOW}
 * and {@linkcode TIMEOUT}; none of them is a fast success.
 */
export type OutcomeBits = number;

/** A fast success. */
export const SUCCESS: OutcomeBits = 0;
/** The call failed. */
export const FAILURE: OutcomeBits = 1;
/** The call took longer than `slowCallThreshold`. */
export const SLOW: OutcomeBits = 2;
/** The call failed by its time limit; always set together with {@linkcode FAILURE}. */
export const TIMEOUT: OutcomeBits = 4;
/** Not an outcome that is counted; negative, so that one comparison tells. */
export const IGNORED: OutcomeBits = -1;

/** The outcome that `bits` stand for. */
export function outcomeOf(bits: OutcomeBits): Outcome {
  if (bits < 0) return "ignored";
  if ((bits & TIMEOUT) !== 0) return "timeout";
  return (bits & FAILURE) !== 0 ? "failure" : "success";
}
