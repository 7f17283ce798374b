/** Counts by name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** Adds to the count of `name`. */
  add(name: string, times = 1): void {
    this.#counts.set(name, this.of(name) + times);
  }

  /** The count of `name`; 0 if there is none. */
  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Which of `names` were never counted. */
  missing(names: readonly string[]): string[] {
    return names.filter((name) => this.of(name) === 0);
  }

  /** The counts whose names begin with `prefix`, without it, the largest first. */
  under(prefix: string): [string, number][] {
    return [...this.#counts].filter(([name]) => name.startsWith(prefix))
      .map(([name, count]): [string, number] => [name.slice(prefix.length), count])
      .sort(([, a], [, b]) => b - a);
  }
}
