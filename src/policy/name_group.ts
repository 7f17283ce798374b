/** The name of the default policy's document, and of the breaker that has no other policy and is in no group. */
export const DEFAULT_NAME = "default";

/** The breakers whose names begin and end in a certain way: those of `tenant-*` (R28). */
export class NameGroup {
  /** How the group's document is called. */
  readonly name: string;
  readonly #prefix: string;
  readonly #suffix: string;
  readonly #literals: number;

  /** Creates the group of the names that begin with `prefix` and go on to end with `suffix`. */
  constructor(name: string, prefix: string, suffix: string) {
    this.name = name;
    this.#prefix = prefix;
    this.#suffix = suffix;
    this.#literals = [...prefix, ...suffix].length;
  }

  /** Whether the breaker of a name is in it. */
  matches(breaker: string): boolean {
    return breaker.length >= this.#prefix.length + this.#suffix.length &&
      breaker.startsWith(this.#prefix) && breaker.endsWith(this.#suffix);
  }

  /** Below 0 where this group comes before `other` for a breaker that is in both. */
  compare(other: NameGroup): number {
    return other.#literals - this.#literals || (this.name < other.name ? -1 : 1);
  }
}

/** Groups in the order in which they are asked. */
export class NameGroups {
  /** All of them, the one with the most literal characters first. */
  readonly all: readonly NameGroup[];

  /** Puts groups in order. */
  constructor(groups: Iterable<NameGroup>) {
    this.all = [...groups].sort((one, other) => one.compare(other));
  }

  /** The group whose policy a breaker has; `undefined`: there is none. */
  find(breaker: string): NameGroup | undefined {
    if (breaker === DEFAULT_NAME) return undefined;
    return this.all.find((group) => group.matches(breaker));
  }
}
