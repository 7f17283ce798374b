import type { StateChangeEvent, StateName, TransitionCause } from "../../mod.ts";

/** The edges that each cause may take, as people see the states. */
const EDGES: Readonly<Record<TransitionCause, readonly string[]>> = {
  tripped: ["closed>open"],
  "open-timeout": ["open>half-open"],
  "probe-failure": ["half-open>open"],
  "probe-timeout": ["half-open>open"],
  manual: ["half-open>open"],
  recovered: ["half-open>closed"],
  reset: ["open>closed", "half-open>closed"],
  // `forced-open` shows as open, the other modes as closed.
  mode: ["open>closed", "half-open>closed", "closed>open", "half-open>open"],
};

/** What is known of the breaker whose transitions are checked. */
export interface TransitionCheckOptions {
  /** The state that it begins with. @default "closed" */
  readonly shown?: StateName;
  /** The shortest that it may be open, in milliseconds, where its policy never changes. @default unknown */
  readonly shortestOpenMs?: number;
}

/** Rounding of a difference of clock readings, in milliseconds. */
const ROUNDING_MS = 0.001;

/** Follows the transitions that one breaker announces. */
export class TransitionCheck {
  #shown: StateName;
  #at = -Infinity;
  #shortestOpenMs: number;

  /** Starts to follow. */
  constructor({ shown = "closed", shortestOpenMs = 0 }: TransitionCheckOptions = {}) {
    this.#shown = shown;
    this.#shortestOpenMs = shortestOpenMs;
  }

  /** The state as the events tell it. */
  get shown(): StateName {
    return this.#shown;
  }

  /** The policy changes: how long it is open at least is not known any more. */
  forgetShortestOpen(): void {
    this.#shortestOpenMs = 0;
  }

  /** What is wrong with one more transition. */
  take({ from, to, cause, at }: StateChangeEvent): string[] {
    const found: string[] = [];
    if (!EDGES[cause].includes(`${from}>${to}`)) {
      found.push(`${from} to ${to} by ${cause} is no transition`);
    }
    if (from !== this.#shown) found.push(`left ${from}, but was ${this.#shown}`);
    if (at < this.#at) found.push(`${to} at ${at}, before the one at ${this.#at}`);
    const openMs = at - this.#at;
    if (cause === "open-timeout" && openMs < this.#shortestOpenMs - ROUNDING_MS) {
      found.push(`open for ${openMs} ms, at least ${this.#shortestOpenMs} ms are due`);
    }
    this.#shown = to;
    this.#at = at;
    return found;
  }
}
