import { systemClock } from "../../src/time/clock.ts";
import { pause } from "../../src/time/waiting.ts";

const WINDOW_MS = 10;
/** So many updates in a window go out as they come. */
const FREE = 8;

/**
 * Lets updates out at once while they are few, and in a burst a few in each 10 ms: the rest
 * gathers meanwhile and is one update, so that ten thousand edits a second starve nobody.
 */
export class Pacer {
  #windowEndsMs = 0;
  #left = 0;

  /** Resolves when the next update may go out, or `signal` is aborted. */
  async next(signal: AbortSignal): Promise<void> {
    const now = systemClock.now();
    if (now >= this.#windowEndsMs) {
      this.#windowEndsMs = now + WINDOW_MS;
      this.#left = FREE;
    }
    if (this.#left-- > 0) return;
    await pause(this.#windowEndsMs - now, { clock: systemClock, signal });
  }
}
