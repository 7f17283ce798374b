import type { BreakerEmitter } from "./breaker_emitter.ts";

/** A breaker, for who knows it. */
export interface Named {
  /** Its name. */
  readonly name: string;
}

/** Who hears of more than one breaker. */
export interface Audience {
  /** The listeners to all breakers; `undefined`: there never was one. */
  readonly emitter: BreakerEmitter | undefined;
  /** Is told of each breaker that must not be lost from now on; `undefined`: nobody keeps the breakers. */
  readonly keeper: ((breaker: Named) => void) | undefined;
  /** Says that a listener, or one who watches, failed. */
  report(breaker: string, what: string, error: unknown): void;
}
