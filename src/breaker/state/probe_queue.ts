import type { Nanos } from "../../time/timeline.ts";
import { ProbeTimes } from "./probe_times.ts";

/** A half-open call in flight. */
export class Probe {
  /** When it has failed if it has not settled (R11). */
  readonly deadline: Nanos;
  /** What it teaches if it succeeds overdue. */
  readonly times: ProbeTimes;
  before: Probe | undefined;
  after: Probe | undefined;

  /** Creates a probe that is in no queue. */
  constructor(deadline: Nanos, times: ProbeTimes) {
    this.deadline = deadline;
    this.times = times;
  }
}

/**
 * The probes in flight, earliest deadline first. Deadlines are fixed at
 * admission, so a new probe belongs at the end unless `probeTimeout` was
 * shortened in between; removal costs the same wherever a probe stands.
 */
export class ProbeQueue {
  #first: Probe | undefined;
  #last: Probe | undefined;
  #size = 0;

  /** Probes in flight. */
  get size(): number {
    return this.#size;
  }

  /** The next deadline; infinite if no probe is in flight. */
  get deadline(): Nanos {
    return this.#first?.deadline ?? Infinity;
  }

  /** Admits a probe that, if it succeeds overdue, teaches `times`. */
  add(deadline: Nanos, times: ProbeTimes = new ProbeTimes()): Probe {
    const probe = new Probe(deadline, times);
    let before = this.#last;
    while (before !== undefined && before.deadline > deadline) before = before.before;
    const after = before === undefined ? this.#first : before.after;
    probe.before = before;
    probe.after = after;
    if (before === undefined) this.#first = probe;
    else before.after = probe;
    if (after === undefined) this.#last = probe;
    else after.before = probe;
    this.#size++;
    return probe;
  }

  /** Takes out a probe that is in this queue. */
  remove(probe: Probe): void {
    const { before, after } = probe;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    probe.before = probe.after = undefined;
    this.#size--;
  }
}
