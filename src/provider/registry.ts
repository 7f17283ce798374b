import { Breaker, coreOf } from "../breaker/breaker.ts";
import type { BreakerCore } from "../breaker/core.ts";
import type { CallWatcher } from "../breaker/events/call_watcher.ts";

/** Breakers looked at for each new name that finds the registry full. */
const LOOKED_AT = 16;

/**
 * The breakers of a provider by name. It holds at most `maxBreakers` of them;
 * a new name then takes the place of an idle one, and if none is found is held
 * only for as long as somebody else holds it. A breaker that lost its place but
 * is still held somewhere is found again under its name.
 */
export class Registry {
  readonly #maxBreakers: number;
  readonly #create: (name: string) => BreakerCore;
  readonly #held = new Map<string, Breaker>();
  readonly #loose = new Map<string, WeakRef<Breaker>>();
  readonly #collected = new FinalizationRegistry<string>((name) => {
    if (this.#loose.get(name)?.deref() === undefined) this.#loose.delete(name);
  });
  /** Lets breakers that are made be watched. */
  readonly #watch = new Set<(core: BreakerCore) => void>();
  /** Goes round the held breakers in search of idle ones. */
  #hand: Iterator<[string, Breaker]> = [].values();

  /** Creates an empty registry. */
  constructor(maxBreakers: number, create: (name: string) => BreakerCore) {
    this.#maxBreakers = maxBreakers;
    this.#create = create;
  }

  /** The breaker of a name, created if there is none. */
  get(name: string): Breaker {
    return this.#held.get(name) ?? this.#regain(name) ?? this.#add(name);
  }

  /** The breaker of a name, if there is one. */
  find(name: string): Breaker | undefined {
    return this.#held.get(name) ?? this.#loose.get(name)?.deref();
  }

  /** Every breaker that is held, and those that somebody else still holds. */
  *all(): Generator<Breaker> {
    yield* this.#held.values();
    for (const ref of this.#loose.values()) {
      const breaker = ref.deref();
      if (breaker !== undefined) yield breaker;
    }
  }

  /** Breakers held. */
  get size(): number {
    return this.#held.size;
  }

  /**
   * Has each breaker, also those made later, watched by what `watcherOf` makes
   * for it, and returns what ends that.
   */
  watch(watcherOf: (core: BreakerCore) => CallWatcher): () => void {
    const ends = new WeakMap<BreakerCore, () => void>();
    const watch = (core: BreakerCore): void => {
      if (ends.has(core)) return;
      try {
        ends.set(core, core.addWatcher(watcherOf(core)));
      } catch (error) {
        core.host.report(core.name, "cannot be watched", error);
      }
    };
    this.#watch.add(watch);
    // Copies, because to begin and to end it wakes listeners, who may create breakers.
    for (const breaker of [...this.all()]) watch(coreOf(breaker));
    return () => {
      this.#watch.delete(watch);
      for (const breaker of [...this.all()]) ends.get(coreOf(breaker))?.();
    };
  }

  #add(name: string): Breaker {
    const hasPlace = this.#makePlace();
    const other = this.find(name); // a listener that making place has woken was first
    if (other !== undefined) return other;
    const core = this.#create(name);
    for (const watch of this.#watch) watch(core);
    const breaker = new Breaker(core);
    if (hasPlace) this.#held.set(name, breaker);
    else this.#loosen(name, breaker);
    return breaker;
  }

  /** A breaker that lost its place and is asked for again: it takes one, if there is one to take. */
  #regain(name: string): Breaker | undefined {
    const breaker = this.#loose.get(name)?.deref();
    if (breaker !== undefined && this.#makePlace()) {
      this.#held.set(name, breaker);
      this.#loose.delete(name);
      this.#collected.unregister(breaker); // or each time that it loses its place would leave an entry
    }
    return breaker;
  }

  /** Whether there is a place, if need be that of an idle breaker. */
  #makePlace(): boolean {
    if (this.#held.size >= this.#maxBreakers) this.#evictOne();
    return this.#held.size < this.#maxBreakers;
  }

  #loosen(name: string, breaker: Breaker): void {
    this.#loose.set(name, new WeakRef(breaker));
    this.#collected.register(breaker, name, breaker);
  }

  #evictOne(): void {
    for (let i = 0; i < LOOKED_AT; i++) {
      let next = this.#hand.next();
      if (next.done) {
        this.#hand = this.#held.entries();
        next = this.#hand.next();
      }
      if (next.done) return;
      const [name, breaker] = next.value;
      // To look at it wakes listeners, who may make it lose its place meanwhile.
      if (!coreOf(breaker).isIdle() || this.#held.get(name) !== breaker) continue;
      this.#held.delete(name);
      this.#loosen(name, breaker);
      return;
    }
  }
}
