/**
 * What would have opened in the mode `metrics-only`, announced once per crossing
 * (R13). A crossing is over if nothing holds any more when the criteria are
 * judged again, or when the next outcome comes.
 */
export class Crossings {
  #announced: number | null = 0;
  #stands = false;

  /** Announcements so far; `null`: R3 has left one open. */
  get announced(): number | null {
    return this.#announced;
  }

  /** Whether there is a crossing that was announced and is not over. */
  get stands(): boolean {
    return this.#stands;
  }

  /** An outcome comes, while a criterion holds or does not. */
  meet(holds: boolean | undefined): void {
    if (!this.#stands) return;
    if (holds === undefined) this.#announced = null;
    if (holds === false) this.#stands = false;
  }

  /** The criteria are judged. */
  judge(holds: boolean | undefined): void {
    if (holds === undefined) this.#announced = null;
    else if (holds && !this.#stands && this.#announced !== null) this.#announced += 1;
    this.#stands = holds ?? false;
  }

  /** Everything starts anew, but for what was announced. */
  forget(): void {
    this.#stands = false;
  }
}
