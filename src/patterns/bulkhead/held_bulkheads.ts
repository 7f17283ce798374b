import type { Bulkhead } from "./bulkhead.ts";

/** Bulkheads looked at for each new name beyond the limit. */
const LOOKED_AT = 16;

/**
 * Bulkheads by name. Beyond `maxHeld`, a new name takes the place of one that is
 * idle, and if none is found is held only for as long as somebody else holds
 * it. One that lost its place but is in use or held somewhere is found again.
 */
export class HeldBulkheads {
  readonly #maxHeld: number;
  readonly #held = new Map<string, Bulkhead>();
  readonly #loose = new Map<string, WeakRef<Bulkhead>>();
  readonly #collected = new FinalizationRegistry<string>((name) => {
    if (this.#loose.get(name)?.deref() === undefined) this.#loose.delete(name);
  });
  /** Goes round the held bulkheads in search of idle ones. */
  #hand: Iterator<Bulkhead> = [].values();

  /** Starts empty. */
  constructor(maxHeld: number) {
    this.#maxHeld = maxHeld;
  }

  /** Bulkheads that are held here. */
  get size(): number {
    return this.#held.size;
  }

  /** The bulkhead of a name, if there is one. */
  get(name: string): Bulkhead | undefined {
    return this.#held.get(name) ?? this.#regain(name);
  }

  /** Takes in the bulkhead of a name that has none. */
  add(bulkhead: Bulkhead): void {
    if (!this.#hold(bulkhead)) this.#loosen(bulkhead);
  }

  /** Those that are held here, and those that somebody else still holds. */
  *all(): Generator<Bulkhead> {
    yield* this.#held.values();
    for (const ref of this.#loose.values()) {
      const bulkhead = ref.deref();
      if (bulkhead !== undefined) yield bulkhead;
    }
  }

  /** One that lost its place and is asked for again: it takes one, if there is one to take. */
  #regain(name: string): Bulkhead | undefined {
    const bulkhead = this.#loose.get(name)?.deref();
    if (bulkhead !== undefined && this.#hold(bulkhead)) {
      this.#loose.delete(name);
      this.#collected.unregister(bulkhead);
    }
    return bulkhead;
  }

  #hold(bulkhead: Bulkhead): boolean {
    if (this.#held.size >= this.#maxHeld && !this.#makeRoom()) return false;
    this.#held.set(bulkhead.name, bulkhead);
    return true;
  }

  #makeRoom(): boolean {
    for (let i = 0; i < LOOKED_AT; i++) {
      let next = this.#hand.next();
      if (next.done) {
        this.#hand = this.#held.values();
        next = this.#hand.next();
      }
      if (next.done) return false;
      const bulkhead = next.value;
      if (!bulkhead.isIdle) continue;
      this.#held.delete(bulkhead.name);
      this.#loosen(bulkhead);
      return true;
    }
    return false;
  }

  #loosen(bulkhead: Bulkhead): void {
    this.#loose.set(bulkhead.name, new WeakRef(bulkhead));
    this.#collected.register(bulkhead, bulkhead.name, bulkhead);
  }
}
