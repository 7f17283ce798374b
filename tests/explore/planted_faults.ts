import { Admission } from "../../src/breaker/admission.ts";
import { BreakerCore } from "../../src/breaker/core.ts";
import type { PolicyVersion } from "../../src/breaker/state/policy_line.ts";
import type { OutcomeBits } from "../../src/breaker/window/outcome.ts";
import type { Policy } from "../../src/policy/policy.ts";
import type { Nanos } from "../../src/time/timeline.ts";
import type { CoreMaker } from "./production.ts";

/** A fault in a machine that is otherwise production's. */
export interface PlantedFault {
  readonly what: string;
  readonly makeCore: CoreMaker;
  /** The scope in which it shows. */
  readonly scope: string;
  /** Events of the shortest sequence that shows it. */
  readonly events: number;
}

/** R4 broken: a late result counts in whatever epoch it comes. */
class NoEpochCheck extends BreakerCore {
  override settle(admission: Admission, bits: OutcomeBits): void {
    super.settle(new Admission(this, admission.start, { probe: admission.probe }), bits);
  }
}

/** R7 and R11 broken: what is due happens a moment after its instant. */
class LateByOne extends BreakerCore {
  protected override isDue(now: Nanos): boolean {
    return this.due !== undefined && now > this.due;
  }
}

/** R10 broken: an ignored probe keeps its slot. */
class SlotNeverFreed extends BreakerCore {
  override settle(admission: Admission, bits: OutcomeBits): void {
    if (bits >= 0 || admission.probe === undefined) super.settle(admission, bits);
    else this.inFlight--;
  }
}

/** R14 broken: a policy change makes calls in flight stale. */
class EpochByPolicy extends BreakerCore {
  override follow(version: PolicyVersion, own: Policy | undefined): void {
    super.follow(version, own);
    this.epoch++;
  }
}

/** R20 broken: a settlement does not make the transitions that are due. */
class BlindSettlement extends BreakerCore {
  #settling = false;
  override settle(admission: Admission, bits: OutcomeBits): void {
    this.#settling = true;
    super.settle(admission, bits);
    this.#settling = false;
  }
  protected override isDue(now: Nanos): boolean {
    return !this.#settling && super.isDue(now);
  }
}

/** R8 broken: a reopening after a hung probe does not count. */
class ReopeningsForgotten extends BreakerCore {
  override look(): Nanos {
    const { state } = this;
    const now = super.look();
    if (state.kind === "half-open" && this.state.kind === "open") {
      this.remain({ ...this.state, reopenings: state.reopenings });
    }
    return now;
  }
}

type Core = new (...args: ConstructorParameters<typeof BreakerCore>) => BreakerCore;

function making(FaultyCore: Core): CoreMaker {
  return (host, version) => new FaultyCore("faulty", host, version);
}

/** Faults that the exploration has to find. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    what: "a dropped epoch check",
    makeCore: making(NoEpochCheck),
    scope: "consecutive",
    events: 3,
  },
  {
    what: "an off-by-one at the deadline",
    makeCore: making(LateByOne),
    scope: "consecutive",
    events: 5,
  },
  {
    what: "a slot that is never freed",
    makeCore: making(SlotNeverFreed),
    scope: "probes",
    events: 5,
  },
  {
    what: "a policy change that starts an epoch",
    makeCore: making(EpochByPolicy),
    scope: "consecutive",
    events: 3,
  },
  {
    what: "a settlement that makes no transition that is due",
    makeCore: making(BlindSettlement),
    scope: "probes",
    events: 6,
  },
  {
    what: "a reopening after a hung probe that does not count",
    makeCore: making(ReopeningsForgotten),
    scope: "backoff",
    events: 6,
  },
];
