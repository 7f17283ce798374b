import type { Breaker } from "../../src/breaker/breaker.ts";

/** What gives breakers by name: a provider, or anything like one. */
export interface BreakerSource {
  /** The breaker of a name: the same object for the same name. */
  getBreaker(name: string): Breaker;
}
