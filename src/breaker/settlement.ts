import { classifyError, classifyResult } from "./classify.ts";
import type { BreakerCore } from "./core.ts";
import type { Reading } from "./timeline.ts";

/**
 * The handlers that settle the calls of a closed breaker which were admitted in
 * one epoch at one instant. They know nothing of a single call, so all of those
 * calls share them, and a call allocates nothing but its promise. The host
 * keeps the last ones, so that a breaker itself keeps none.
 */
export class Settlement {
  readonly core: BreakerCore;
  readonly epoch: number;
  readonly start: Reading;
  /** Settles a call whose operation resolved, and passes the value on. */
  readonly resolved: <T>(value: T) => T;
  /** Settles a call whose operation rejected, and passes the error on. */
  readonly rejected: (error: unknown) => Promise<never>;

  /** Creates the handlers for calls that `core` admits now. */
  constructor(core: BreakerCore, start: Reading) {
    const { epoch } = core;
    this.core = core;
    this.epoch = epoch;
    this.start = start;
    this.resolved = (value) => {
      core.settle(epoch, start, classifyResult(core.host, core.name, value), undefined);
      return value;
    };
    this.rejected = (error) => {
      core.settle(epoch, start, classifyError(core.host, core.name, error), undefined);
      return Promise.reject(error); // throwing here costs twice as much
    };
  }

  /** The handlers for a call that `core` admits now. */
  static of(core: BreakerCore): Settlement {
    const { host } = core;
    const start = host.timeline.read();
    const last = host.settlement;
    if (last?.start === start && last.core === core && last.epoch === core.epoch) return last;
    return host.settlement = new Settlement(core, start);
  }
}
