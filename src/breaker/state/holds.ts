import type { Nanos } from "../../time/timeline.ts";

/** A hold that is not over. */
export interface RunningHold {
  readonly owner: string;
  readonly until: Nanos;
}

/** Who has asked that no call be let through, and until when (R22). */
export class Holds {
  readonly #ends = new Map<string, Nanos>();
  #askedUntil: Nanos;

  /** Goes on with holds, and with what failures have asked for. */
  constructor(running: readonly RunningHold[] = [], askedUntil: Nanos = -Infinity) {
    for (const { owner, until } of running) this.#ends.set(owner, until);
    this.#askedUntil = askedUntil;
  }

  /** Until when failures have asked for time; in the past: they have not. */
  get askedUntil(): Nanos {
    return this.#askedUntil;
  }

  /** Whether somebody holds, as far as has been tidied up. */
  get hasOwners(): boolean {
    return this.#ends.size > 0;
  }

  /** Holds on behalf of `owner`, and tells whether that reaches further than before. */
  hold(owner: string, until: Nanos): boolean {
    if (until <= (this.#ends.get(owner) ?? -Infinity)) return false;
    this.#ends.set(owner, until);
    return true;
  }

  /** A failure asks for time, and this tells whether that reaches further than before. */
  ask(until: Nanos): boolean {
    if (until <= this.#askedUntil) return false;
    this.#askedUntil = until;
    return true;
  }

  /** Ends the hold of `owner`, and tells whether there was one. */
  release(owner: string, now: Nanos): boolean {
    const until = this.#ends.get(owner) ?? -Infinity;
    this.#ends.delete(owner);
    return until > now;
  }

  /** Whether somebody holds or has asked for time, as far as has been tidied up. */
  get hasAny(): boolean {
    return this.hasOwners || this.#askedUntil > -Infinity;
  }

  /** Forgets what is over. */
  tidyUp(now: Nanos): void {
    if (this.#askedUntil <= now) this.#askedUntil = -Infinity;
    for (const [owner, until] of this.#ends) {
      if (until <= now) this.#ends.delete(owner);
    }
  }

  /** The holds that are not over. */
  running(now: Nanos): RunningHold[] {
    return [...this.#ends].filter(([, until]) => until > now)
      .map(([owner, until]) => ({ owner, until }));
  }

  /** The latest end of all, if it is still to come; what failures asked for counts only while not closed. */
  until(now: Nanos, isClosed: boolean): Nanos | undefined {
    let latest = isClosed ? -Infinity : this.#askedUntil;
    for (const until of this.#ends.values()) latest = Math.max(latest, until);
    return latest > now ? latest : undefined;
  }
}
