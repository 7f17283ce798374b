import { Admission } from "../../../src/breaker/admission.ts";
import { BreakerCore } from "../../../src/breaker/core.ts";
import type { CallWatcher, Settlement } from "../../../src/breaker/events/call_watcher.ts";
import { BreakerHost } from "../../../src/breaker/host/host.ts";
import { type BreakerSnapshot, takeSnapshot } from "../../../src/breaker/snapshot/snapshot.ts";
import { PolicyVersion } from "../../../src/breaker/state/policy_line.ts";
import { SLOW } from "../../../src/breaker/window/outcome.ts";
import type { Policy } from "../../../src/policy/policy.ts";
import { SILENT } from "../../support/silent_logger.ts";
import { type InstantSource, type Nanos, Reading, toMs } from "../../../src/time/timeline.ts";

/** Time that stands where the watched breaker says. */
class ToldTime implements InstantSource {
  #last = new Reading(0);

  set(at: Nanos): void {
    if (this.#last.at !== at) this.#last = new Reading(at);
  }

  now(): Nanos {
    return this.#last.at;
  }

  read(): Reading {
    return this.#last;
  }

  clockMs(at: Nanos): number {
    return toMs(at);
  }
}

/** What a shadow answers to an admission that it would have refused. */
const REFUSED = Symbol("refused");

/** A second policy that is judged on the calls of a breaker and refuses none of them. */
export class Shadow implements CallWatcher {
  readonly hearsAdmissions = true;
  /** Calls that it would have refused and that settled. */
  refusedAndSettled = 0;
  /** Calls that the watched breaker refused, so that nobody knows how they would have ended. */
  unknown = 0;
  readonly core: BreakerCore;
  readonly #time = new ToldTime();

  constructor(policy: Policy) {
    const host = Object.assign(new BreakerHost({ random: () => 0, logger: SILENT }), {
      timeline: this.#time,
    });
    this.core = new BreakerCore("shadow", host, new PolicyVersion([policy], 0));
  }

  admitted(at: Nanos): Admission | typeof REFUSED {
    this.#time.set(at);
    return this.core.admit() ?? REFUSED;
  }

  settled({ at, bits, note }: Settlement): void {
    this.#time.set(at);
    if (note instanceof Admission) this.core.settle(note, bits < 0 ? bits : bits & ~SLOW);
    else if (note === REFUSED) this.refusedAndSettled++;
  }

  refused(): void {
    this.unknown++;
  }

  /** What it is at an instant. */
  snapshot(at: Nanos): BreakerSnapshot {
    this.#time.set(at);
    return takeSnapshot(this.core, this.core.look());
  }
}
