import type { Reading } from "../time/timeline.ts";
import { classifyError, classifyResult } from "./classify.ts";
import type { WatchedCall, WatchNotes } from "./events/call_watch.ts";
import type { BreakerHost } from "./host/host.ts";
import { nextUse } from "./next_use.ts";
import type { Probe } from "./state/probe_queue.ts";
import { type FailedOutcome, ResultFailure } from "./trip/last_failure.ts";
import { type OutcomeBits, SUCCESS } from "./window/outcome.ts";

/** Admissions of one reading that are searched before another one is made. */
const SEARCHED = 4;

/** What admits calls and counts how they end: the core of a breaker. */
export interface Admitter {
  readonly name: string;
  readonly host: BreakerHost;
  /** Counts transitions, resets and changes of mode. */
  readonly epoch: number;
  /** The number of its last use. */
  usedAt: number | undefined;
  /** Counts the end of an admitted call. */
  settle(admission: Admission, bits: OutcomeBits): void;
  /** Counts the end of an admitted call that brought `outcome`. */
  conclude(admission: Admission, bits: OutcomeBits, outcome: FailedOutcome): void;
}

/** What few admissions have. */
export interface AdmissionDetails {
  /** The epoch of an earlier admission in whose place this one stands. @default the present one */
  readonly epoch?: number;
  /** The probe that the call is. */
  readonly probe?: Probe | undefined;
  /** What those answered who watch. */
  readonly notes?: WatchNotes | undefined;
  /** An admission of another breaker, or of another epoch, at the same reading. */
  readonly next?: Admission | undefined;
}

/** The last admission that was made to be shared. */
let newest: Admission | undefined;

/**
 * What a breaker has to know of a call when it settles: the epoch and the
 * instant of its admission, and its probe. Nothing of it is a single call's own
 * while a breaker is closed, so that all calls admitted in one epoch at one
 * reading share one object, and a call allocates nothing but its promise. They
 * are kept until the next reading.
 */
export class Admission implements WatchedCall {
  readonly core: Admitter;
  readonly epoch: number;
  readonly start: Reading;
  readonly probe: Probe | undefined;
  /** What those answered who watch. */
  readonly notes: WatchNotes | undefined;
  /** An admission of another breaker, or of another epoch, at the same reading. */
  readonly #next: Admission | undefined;
  #handlers: Handlers | undefined;

  /** Created for a probe, which shares nothing, or by {@linkcode Admission.of} and {@linkcode Admission.at}. */
  constructor(
    core: Admitter,
    start: Reading,
    { epoch, probe, notes, next }: AdmissionDetails = {},
  ) {
    this.core = core;
    this.epoch = epoch ?? core.epoch;
    core.usedAt = nextUse();
    this.start = start;
    this.probe = probe;
    this.notes = notes;
    this.#next = next;
  }

  /** The admission of a call to a closed breaker now: the newest one, for as long as its reading is shared. */
  static of(core: Admitter): Admission {
    const last = newest;
    const isOwn = last !== undefined && last.core === core && last.epoch === core.epoch;
    return isOwn && last.start.share() ? last : Admission.at(core.host.timeline.read(), core);
  }

  /** The admission of a call at a reading, shared by all to which those who watch answered the same. */
  static at(start: Reading, core: Admitter, notes?: WatchNotes): Admission {
    const last = newest?.start === start ? newest : undefined;
    let found = last;
    for (let searched = 0; found !== undefined && searched < SEARCHED; searched++) {
      if (found.core === core && found.epoch === core.epoch && found.notes === notes) return found;
      found = found.#next;
    }
    return newest = new Admission(core, start, { notes, next: last });
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
class Handlers {
  /** Settles a call whose operation resolved, and passes the value on. */
  readonly resolved: <T>(value: T) => T;
  /** Settles a call whose operation rejected, and passes the error on. */
  readonly rejected: (error: unknown) => Promise<never>;

  /** Creates the handlers of `admission`. */
  constructor(admission: Admission) {
    const { core } = admission;
    const { host, name } = core;
    this.resolved = host.isResultFailure === undefined
      ? (value) => {
        core.settle(admission, SUCCESS);
        return value;
      }
      : (value) => {
        const bits = classifyResult(host, name, value);
        if (bits === SUCCESS) core.settle(admission, bits);
        else core.conclude(admission, bits, new ResultFailure(value));
        return value;
      };
    this.rejected = (error) => {
      core.conclude(admission, classifyError(host, name, error), error);
      return Promise.reject(error); // throwing here costs twice as much
    };
  }
}
