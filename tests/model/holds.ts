/** R22: who has asked that no call be let through, and until when. */
export class Holds {
  readonly #ends = new Map<string, number>();
  #askedUntilMs = -Infinity;

  /** The end of each owner's hold, over or not. */
  get ends(): ReadonlyMap<string, number> {
    return this.#ends;
  }

  /** Until when the dependency has asked to be left alone. */
  get askedUntilMs(): number {
    return this.#askedUntilMs;
  }

  /** Holds on behalf of `owner`; what does not reach further than before changes nothing. */
  hold(owner: string, untilMs: number): void {
    this.#ends.set(owner, Math.max(untilMs, this.#ends.get(owner) ?? -Infinity));
  }

  /** Notes that a failure asks for time until then. */
  ask(untilMs: number): void {
    this.#askedUntilMs = Math.max(untilMs, this.#askedUntilMs);
  }

  /** Ends the hold of `owner`. */
  release(owner: string): void {
    this.#ends.delete(owner);
  }

  /** Ends all. */
  releaseAll(): void {
    this.#ends.clear();
    this.#askedUntilMs = -Infinity;
  }

  /** The latest end of all, if it is still to come; what failures asked for counts only while not closed. */
  endMs(nowMs: number, closed: boolean): number | undefined {
    const endMs = Math.max(...this.#ends.values(), closed ? -Infinity : this.#askedUntilMs);
    return endMs > nowMs ? endMs : undefined;
  }
}
