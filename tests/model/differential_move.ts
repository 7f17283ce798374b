import type { Mode, Policy } from "../../src/policy/policy.ts";
import type { Outcome } from "./observation.ts";

/** One step that the model and production take together. */
export type Move =
  | { readonly kind: "look" }
  | { readonly kind: "begin"; readonly id: string }
  | { readonly kind: "settle"; readonly id: string; readonly as: Outcome }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "policy"; readonly document: Policy }
  | { readonly kind: "mode"; readonly mode: Mode | null }
  | { readonly kind: "reset" }
  /** Under another policy if there is a document, whose mode does not count. */
  | { readonly kind: "restore"; readonly document?: Policy }
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
