import { Breaker, coreOf } from "../breaker/breaker.ts";
import type { BreakerCore } from "../breaker/core.ts";
import type { CallWatcher } from "../breaker/events/call_watcher.ts";
import type { BreakerHost } from "../breaker/host/host.ts";
import { AT_STAKE } from "../collections/giving_way.ts";
import { HeldByName } from "../collections/held_by_name.ts";
import { type Logger, logSafely } from "../log.ts";
import type { PlacesStatus } from "./status.ts";
import { TooManyBreakersError } from "./too_many_breakers_error.ts";

/** What a registry takes. */
export interface RegistryOptions {
  /** Breakers held at most, unless more are in use. */
  readonly maxBreakers: number;
  /** What the breakers share. */
  readonly host: BreakerHost;
  /** Creates the breaker of a name. */
  readonly create: (name: string) => BreakerCore;
  /** Is told when all breakers are in use. */
  readonly log: Logger;
}

/**
 * The breakers of a provider by name. It holds `maxBreakers` of them; then one
 * with which little is lost gives way to a new name, or twice as many are held
 * where all are in use.
 */
export class Registry extends HeldByName<Breaker> {
  readonly #maxBreakers: number;
  /** Lets breakers that are made be watched. */
  readonly #watch: Set<(core: BreakerCore) => void>;
  readonly #counted: Counted;

  /** Creates an empty registry, which keeps the breakers of the host. */
  constructor({ maxBreakers, host, create, log }: RegistryOptions) {
    const watching = new Set<(core: BreakerCore) => void>();
    const counted = new Counted();
    const limit = 2 * maxBreakers;
    super({
      maxHeld: maxBreakers,
      limit,
      create: (name) => {
        const core = create(name);
        for (const watch of watching) watch(core);
        const breaker = new Breaker(core);
        core.breaker = breaker;
        return breaker;
      },
      worth: (breaker) => coreOf(breaker).worth(),
      gaveWay: ({ worth }) => {
        if (worth < AT_STAKE) counted.evicted++;
        else counted.evictedWithFailures++;
      },
      isCrowded: () => {
        if (counted.isCrowded) return;
        counted.isCrowded = true;
        const message = `All ${maxBreakers} breakers that maxBreakers allows are in use: ` +
          `new names get one up to ${limit}, and then an error; raise maxBreakers, or use fewer names`;
        logSafely(log, "warn", message, { maxBreakers });
      },
      refusal: (name) => {
        counted.refusedNames++;
        return new TooManyBreakersError(name, maxBreakers, this.size);
      },
    });
    this.#maxBreakers = maxBreakers;
    this.#watch = watching;
    this.#counted = counted;
    host.keeper = (core) => this.retake(core.name, (breaker) => coreOf(breaker) === core);
  }

  /** How the places for breakers are used. */
  get places(): PlacesStatus {
    const { evicted, evictedWithFailures, refusedNames } = this.#counted;
    return {
      maxBreakers: this.#maxBreakers,
      held: this.size,
      evicted,
      evictedWithFailures,
      refusedNames,
    };
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

/** What has happened to places. */
class Counted {
  evicted = 0;
  evictedWithFailures = 0;
  refusedNames = 0;
  /** Whether it was ever so that no breaker could give way. */
  isCrowded = false;
}
