import type { Mode, Policy } from "../../src/policy/policy.ts";
import type { Outcome } from "./observation.ts";

/** One step that the model and production take together. */
export type Move =
  | { readonly kind: "look" }
  | { readonly kind: "begin"; readonly id: string }
  /** A failure may ask to be left alone for so long. */
  | {
    readonly kind: "settle";
    readonly id: string;
    readonly as: Outcome;
    readonly holdAfterMs?: number;
  }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "policy"; readonly document: Policy }
  | { readonly kind: "mode"; readonly mode: Mode | null }
  | { readonly kind: "reset" }
  /** From a snapshot of that age, under another policy if there is a document, whose mode does not count. */
  | { readonly kind: "restore"; readonly ageMs?: number; readonly document?: Policy }
  | { readonly kind: "hold"; readonly ms: number; readonly owner: string }
  | { readonly kind: "release"; readonly owner: string }
  | { readonly kind: "trip" }
  | { readonly kind: "random"; readonly draws: readonly number[] };

/**
 * How production is driven: by permits; by permits with each policy change left
 * for the breaker to find when somebody looks, as under a provider (R20); or by
 * operations through `do`, half of them with a signal.
 */
export type Way = "permits" | "missed versions" | "do";

/** Everything that decides a run. */
export interface History {
  readonly way: Way;
  readonly policy: Policy;
  readonly moves: readonly Move[];
}

/**
 * The policy to restore under: `wanted` in the mode that is in force. Restored in
 * another mode a breaker starts anew, and nobody listens yet to hear of it.
 */
export function restoredUnder(wanted: Policy, inForce: Policy): Policy {
  const { mode: _mode, ...others } = wanted;
  return { ...others, ...(inForce.mode !== undefined && { mode: inForce.mode }) };
}

/** Draws used up in order, the last one for ever. */
export class Draws {
  #left: readonly number[] = [0];

  /** Fixes the draws from now on. */
  fix(draws: readonly number[]): void {
    this.#left = draws;
  }

  /** The next draw. */
  next(): number {
    const [first = 0, ...rest] = this.#left;
    if (rest.length > 0) this.#left = rest;
    return first;
  }
}
