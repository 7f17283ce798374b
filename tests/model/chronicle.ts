import type { Observation, State } from "./observation.ts";

/** What has happened so far and decides nothing that comes. */
export class Chronicle {
  rejected = 0;
  staleCalls = 0;
  readonly #transitions: State[] = [];
  readonly #enteredAtMs: number[] = [];

  /** Notes that a state was entered. */
  enter(state: State, atMs: number): void {
    this.#transitions.push(state);
    this.#enteredAtMs.push(atMs);
  }

  /** All of it. */
  tell(): Pick<Observation, "rejected" | "staleCalls" | "transitions" | "enteredAtMs"> {
    return {
      rejected: this.rejected,
      staleCalls: this.staleCalls,
      transitions: [...this.#transitions],
      enteredAtMs: [...this.#enteredAtMs],
    };
  }
}
