/** What a {@linkcode HeldByName} takes. */
export interface HeldByNameOptions<T> {
  /** Creates the value of a name that has none. */
  readonly create: (name: string) => T;
  /** Values held at most. */
  readonly maxHeld: number;
  /** Whether a value may lose its place. The question may wake listeners, who ask for other values. */
  readonly isIdle: (value: T) => boolean;
}

/** Values looked at for each new name that finds no place. */
const LOOKED_AT = 16;

/**
 * Values by name, of which at most `maxHeld` are held. A new name then takes the
 * place of an idle value; if none is found, it is held only for as long as
 * somebody else holds it. A value that lost its place but is still held
 * somewhere is found again under its name.
 */
export class HeldByName<T extends object> {
  readonly #options: HeldByNameOptions<T>;
  readonly #held = new Map<string, T>();
  readonly #loose = new Map<string, WeakRef<T>>();
  readonly #collected = new FinalizationRegistry<string>((name) => {
    if (this.#loose.get(name)?.deref() === undefined) this.#loose.delete(name);
  });
  /** Goes round the held values in search of idle ones. */
  #hand: Iterator<[string, T]> = [].values();

  /** Starts empty. */
  constructor(options: HeldByNameOptions<T>) {
    this.#options = options;
  }

  /** Values that are held here. */
  get size(): number {
    return this.#held.size;
  }

  /** The value of a name, created if there is none. */
  get(name: string): T {
    return this.#held.get(name) ?? this.#regain(name) ?? this.#add(name);
  }

  /** The value of a name, if there is one. */
  find(name: string): T | undefined {
    return this.#held.get(name) ?? this.#loose.get(name)?.deref();
  }

  /** The values that are held here, and those that somebody else still holds. */
  *all(): Generator<T> {
    yield* this.#held.values();
    for (const ref of this.#loose.values()) {
      const value = ref.deref();
      if (value !== undefined) yield value;
    }
  }

  #add(name: string): T {
    const hasPlace = this.#makePlace();
    const other = this.find(name); // a listener that making place has woken was first
    if (other !== undefined) return other;
    const value = this.#options.create(name);
    if (hasPlace) this.#held.set(name, value);
    else this.#loosen(name, value);
    return value;
  }

  /** A value that lost its place and is asked for again: it takes one, if there is one to take. */
  #regain(name: string): T | undefined {
    const value = this.#loose.get(name)?.deref();
    if (value !== undefined && this.#makePlace()) {
      this.#held.set(name, value);
      this.#loose.delete(name);
      this.#collected.unregister(value); // or each time that it loses its place would leave an entry
    }
    return value;
  }

  /** Whether there is a place, if need be that of an idle value. */
  #makePlace(): boolean {
    if (this.#held.size >= this.#options.maxHeld) this.#evictOne();
    return this.#held.size < this.#options.maxHeld;
  }

  #loosen(name: string, value: T): void {
    this.#loose.set(name, new WeakRef(value));
    this.#collected.register(value, name, value);
  }

  #evictOne(): void {
    for (let i = 0; i < LOOKED_AT; i++) {
      let next = this.#hand.next();
      if (next.done) {
        this.#hand = this.#held.entries();
        next = this.#hand.next();
      }
      if (next.done) return;
      const [name, value] = next.value;
      // The question may wake listeners, who may make it lose its place meanwhile.
      if (!this.#options.isIdle(value) || this.#held.get(name) !== value) continue;
      this.#held.delete(name);
      this.#loosen(name, value);
      return;
    }
  }
}
