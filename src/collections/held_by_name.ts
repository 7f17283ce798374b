import { GivingWay, type Valued } from "./giving_way.ts";

/** Values that give way for one new name at most, so that it costs little where very many may. */
const MOST_AT_ONCE = 8;

/** What a {@linkcode HeldByName} takes. */
export interface HeldByNameOptions<T> {
  /** Creates the value of a name that has none. */
  readonly create: (name: string) => T;
  /** Values held at most, unless more are worth too much to give way. */
  readonly maxHeld: number;
  /**
   * What would be lost with a value: who is worth the least gives way first, who
   * is worth {@linkcode KEPT} never does. The question may wake listeners, who
   * ask for other values.
   */
  readonly worth: (value: T) => number;
  /** Values held at most, where none gives way. @default Infinity */
  readonly limit?: number;
  /** What is thrown where a new name is beyond the limit. */
  readonly refusal?: (name: string) => Error;
  /** Is told of each value that gives way, and what it was worth. */
  readonly gaveWay?: (given: Valued<T>) => void;
  /** Is told when a name finds no value that gives way. */
  readonly isCrowded?: () => void;
}

/**
 * Values by name, of which at most `maxHeld` are held. A new name then takes the
 * place of the value with which the least is lost; where none may give way, more
 * are held. A value that lost its place but is still held somewhere is found
 * again under its name.
 */
export class HeldByName<T extends { readonly name: string }> {
  readonly #options: HeldByNameOptions<T>;
  readonly #limit: number;
  readonly #held = new Map<string, T>();
  readonly #loose = new Map<string, WeakRef<T>>();
  readonly #collected = new FinalizationRegistry<string>((name) => {
    if (this.#loose.get(name)?.deref() === undefined) this.#loose.delete(name);
  });
  /** Comes into being with the first name beyond `maxHeld`. */
  #order: GivingWay<T> | undefined;

  /** Starts empty. */
  constructor(options: HeldByNameOptions<T>) {
    this.#options = options;
    this.#limit = options.limit ?? Infinity;
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

  /** The values that are held here, and after them those that somebody else still holds. */
  *all(): Generator<T> {
    // Copies: values may change places while somebody goes through them.
    const held = [...this.#held.values()];
    const loose = [...this.#loose.values()];
    yield* held;
    for (const ref of loose) {
      const value = ref.deref();
      if (value !== undefined) yield value;
    }
  }

  /** Gives a value that lost its place one again, whatever there is room for. */
  protected retake(name: string, isIt: (value: T) => boolean): void {
    if (this.#held.has(name)) return;
    const value = this.#loose.get(name)?.deref();
    if (value !== undefined && isIt(value)) this.#tighten(value);
  }

  #add(name: string): T {
    const hasPlace = this.#makePlace();
    const other = this.find(name); // a listener that making place has woken was first
    if (other !== undefined) return other;
    const { create, refusal } = this.#options;
    if (!hasPlace && refusal !== undefined) throw refusal(name);
    const value = create(name);
    this.#hold(value);
    return value;
  }

  /** A value that lost its place and is asked for again: it takes one, if there is one to take. */
  #regain(name: string): T | undefined {
    const value = this.#loose.get(name)?.deref();
    if (value !== undefined && this.#makePlace()) this.#tighten(value);
    return value;
  }

  /** Whether there is a place, if need be that of another value; of values beyond `maxHeld` some give way too. */
  #makePlace(): boolean {
    const { maxHeld, gaveWay, isCrowded } = this.#options;
    for (let gone = 0; gone < MOST_AT_ONCE && this.#held.size >= maxHeld; gone++) {
      const given = (this.#order ?? this.#beginOrder()).next();
      if (given === undefined) {
        isCrowded?.();
        break;
      }
      // Looking for it may have woken listeners, for whom others have made place.
      if (this.#held.size < maxHeld) break;
      this.#loosen(given.value);
      gaveWay?.(given);
    }
    return this.#held.size < this.#limit;
  }

  #beginOrder(): GivingWay<T> {
    const { worth } = this.#options;
    const order = this.#order = new GivingWay(worth);
    for (const value of [...this.#held.values()]) {
      const own = worth(value);
      if (this.#held.get(value.name) === value) order.add(value, own);
    }
    return order;
  }

  #hold(value: T): void {
    this.#held.set(value.name, value);
    this.#order?.add(value);
  }

  #loosen(value: T): void {
    const { name } = value;
    this.#held.delete(name);
    this.#order?.delete(value);
    this.#loose.set(name, new WeakRef(value));
    this.#collected.register(value, name, value);
  }

  #tighten(value: T): void {
    if (this.#held.get(value.name) === value) return; // a listener that making place has woken was first
    this.#hold(value);
    this.#loose.delete(value.name);
    this.#collected.unregister(value); // or each time that it loses its place would leave an entry
  }
}
