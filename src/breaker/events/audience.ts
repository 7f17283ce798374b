import type { BreakerEmitter } from "./breaker_emitter.ts";

/** Who hears of more than one breaker. */
export interface Audience {
  /** The listeners to all breakers; `undefined`: there never was one. */
  readonly emitter: BreakerEmitter | undefined;
  /** Says that a listener, or one who watches, failed. */
  report(breaker: string, what: string, error: unknown): void;
}
