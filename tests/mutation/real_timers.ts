const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;

type Timer = ReturnType<typeof setTimeout>;

/** When a wait counts as endless. */
export interface IdleLimits {
  /** So long after the last timer. */
  readonly idleMs: number;
  /** So long after its beginning in any case. */
  readonly limitMs: number;
}

/**
 * The timers of the platform that tests have started and that still run. The
 * test runner's sanitizers do the same for all resources; these are the only
 * ones that the code under test can leak.
 */
export class RealTimers {
  readonly #live = new Set<Timer>();

  /** Puts watched timers in the place of the global ones. */
  install(): void {
    const live = this.#live;
    const define = (name: string, value: unknown): void => {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    };
    define("setTimeout", (callback: (...args: unknown[]) => void, ...rest: [number?]): Timer => {
      const timer: Timer = setTimeout((...args: unknown[]) => {
        live.delete(timer);
        callback(...args);
      }, ...rest);
      live.add(timer);
      return timer;
    });
    define("setInterval", (callback: () => void, ...rest: [number?]): Timer => {
      const timer = setInterval(callback, ...rest);
      live.add(timer);
      return timer;
    });
    define("clearTimeout", (timer?: Timer): void => this.#clear(timer));
    define("clearInterval", (timer?: Timer): void => this.#clear(timer));
  }

  /** How many run. */
  get size(): number {
    return this.#live.size;
  }

  /** Stops them all. */
  stop(): void {
    for (const timer of this.#live) this.#clear(timer);
  }

  /**
   * Calls `callback` once no timer has run for `idleMs`, or `limitMs` have
   * passed: then a test that still waits will wait for ever.
   *
   * @returns What ends the watch.
   */
  onceIdle(callback: () => void, { idleMs, limitMs }: IdleLimits): () => void {
    const stepMs = idleMs / 10;
    let idleForMs = 0;
    let waitedMs = 0;
    const look = (): void => {
      idleForMs = this.size === 0 ? idleForMs + stepMs : 0;
      waitedMs += stepMs;
      if (idleForMs >= idleMs || waitedMs >= limitMs) callback();
      else timer = setTimeout(look, stepMs);
    };
    let timer = setTimeout(look, stepMs);
    return () => clearTimeout(timer);
  }

  #clear(timer: Timer | undefined): void {
    if (timer !== undefined) this.#live.delete(timer);
    clearTimeout(timer);
    clearInterval(timer);
  }
}

/** Resolves when the event loop has turned once, by a timer that is not watched. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
