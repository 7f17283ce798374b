import type { Draws } from "./draws.ts";

/** Something that takes what comes from outside. */
export interface FuzzTarget {
  /** What it is, for people. */
  readonly name: string;
  /** How many of its inputs the short form tries. */
  readonly short: number;
  /** Makes an input. It is always a text, so that a failing one can be made smaller and shown. */
  readonly input: (draws: Draws) => string;
  /** Hands the input over; throws, or rejects, where a property does not hold. */
  readonly check: (input: string) => void | Promise<void>;
}
