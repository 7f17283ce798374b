import { classifyError, classifyResult } from "./classify.ts";
import type { BreakerCore } from "./core.ts";
import type { Probe } from "./probe_queue.ts";
import type { Reading } from "./timeline.ts";

/** How many breakers' admissions a reading is searched for before another one is made. */
const SEARCHED = 4;

/**
 * What a breaker has to know of a call when it settles: the epoch and the
 * instant of its admission, and its probe. Nothing of it is a single call's own
 * while a breaker is closed, so that all calls admitted in one epoch at one
 * reading share one object, and a call allocates nothing but its promise. The
 * reading keeps them: with it they go.
 */
export class Admission {
  readonly core: BreakerCore;
  readonly epoch: number;
  readonly start: Reading;
  readonly probe: Probe | undefined;
  /** An admission of another breaker, or of another epoch, at the same reading. */
  readonly #next: Admission | undefined;
  #handlers: Handlers | undefined;

  /** Created for a probe, which shares nothing, or by {@linkcode Admission.of}. */
  constructor(core: BreakerCore, start: Reading, probe?: Probe, next?: Admission) {
    this.core = core;
    this.epoch = core.epoch;
    this.start = start;
    this.probe = probe;
    this.#next = next;
  }

  /** The admission of a call to a closed breaker now. */
  static of(core: BreakerCore): Admission {
    const start = core.host.timeline.read();
    const last = start.admission;
    if (last !== undefined && last.core === core && last.epoch === core.epoch) return last;
    return Admission.#find(core, start);
  }

  static #find(core: BreakerCore, start: Reading): Admission {
    let found = start.admission;
    for (let searched = 0; found !== undefined && searched < SEARCHED; searched++) {
      if (found.core === core && found.epoch === core.epoch) return found;
      found = found.#next;
    }
    return start.admission = new Admission(core, start, undefined, start.admission);
  }

  /** Whether a call has asked for them. */
  get hasHandlers(): boolean {
    return this.#handlers !== undefined;
  }

  /** What settles the promise of a call. */
  get handlers(): Handlers {
    return this.#handlers ??= new Handlers(this);
  }
}

/** What settles the calls of one admission, made only if one of them is a promise. */
export class Handlers {
  /** Settles a call whose operation resolved, and passes the value on. */
  readonly resolved: <T>(value: T) => T;
  /** Settles a call whose operation rejected, and passes the error on. */
  readonly rejected: (error: unknown) => Promise<never>;

  /** Creates the handlers of `admission`. */
  constructor(admission: Admission) {
    const { core } = admission;
    const { host, name } = core;
    this.resolved = (value) => {
      core.settle(admission, classifyResult(host, name, value));
      return value;
    };
    this.rejected = (error) => {
      core.settle(admission, classifyError(host, name, error));
      return Promise.reject(error); // throwing here costs twice as much
    };
  }
}
