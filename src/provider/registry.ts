import { Breaker, coreOf } from "../breaker/breaker.ts";
import type { BreakerCore } from "../breaker/core.ts";
import type { CallWatcher } from "../breaker/events/call_watcher.ts";
import { HeldByName } from "../collections/held_by_name.ts";

/** The breakers of a provider by name, of which it holds at most `maxBreakers`; one that is idle makes way. */
export class Registry extends HeldByName<Breaker> {
  /** Lets breakers that are made be watched. */
  readonly #watch: Set<(core: BreakerCore) => void>;

  /** Creates an empty registry. */
  constructor(maxBreakers: number, create: (name: string) => BreakerCore) {
    const watching = new Set<(core: BreakerCore) => void>();
    super({
      maxHeld: maxBreakers,
      create: (name) => {
        const core = create(name);
        for (const watch of watching) watch(core);
        return new Breaker(core);
      },
      isIdle: (breaker) => coreOf(breaker).isIdle(),
    });
    this.#watch = watching;
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
}
