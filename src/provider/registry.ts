import { Breaker, coreOf } from "../breaker/breaker.ts";
import type { BreakerCore } from "../breaker/core.ts";
import { HeldByName } from "../collections/held_by_name.ts";

/** The breakers of a provider by name, of which it holds at most `maxBreakers`; one that is idle makes way. */
export class Registry extends HeldByName<Breaker> {
  /** Creates an empty registry. */
  constructor(maxBreakers: number, create: (name: string) => BreakerCore) {
    super({
      maxHeld: maxBreakers,
      create: (name) => new Breaker(create(name)),
      isIdle: (breaker) => coreOf(breaker).isIdle(),
    });
  }
}
