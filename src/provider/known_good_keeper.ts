import type { Clock } from "../time/clock.ts";
import type { LastKnownGoodStore } from "./last_known_good.ts";

/** Changes that come within this time are saved together. */
const SAVE_AFTER_MS = 200;

/** Saves the good state whenever it changed, one save at a time, the newest state last. */
export class KnownGoodKeeper {
  readonly #store: LastKnownGoodStore;
  readonly #clock: Clock;
  readonly #state: () => string;
  readonly #onError: (error: unknown) => void;
  #timer: unknown;
  #saving: Promise<void> = Promise.resolve();

  /** Creates a keeper that saves what `state` gives. */
  constructor(
    store: LastKnownGoodStore,
    clock: Clock,
    state: () => string,
    onError: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#state = state;
    this.#onError = onError;
  }

  /** Saves soon. */
  changed(): void {
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#save();
    }, SAVE_AFTER_MS);
  }

  /** Saves what is not saved yet, and resolves when that is done. */
  flush(): Promise<void> {
    if (this.#timer !== undefined) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#save();
    }
    return this.#saving;
  }

  #save(): void {
    this.#saving = this.#saving
      .then(() => this.#store.save(this.#state()))
      .catch((error) => this.#onError(error));
  }
}
