import assert from "node:assert/strict";
import {
  type Breaker,
  type BreakerSettings,
  type BreakerSnapshot,
  createBreaker,
  type Policy,
  restoreBreaker,
  StandaloneBreaker,
  type StateName,
} from "../../mod.ts";
import type { SoakContext } from "./soak_context.ts";
import { TrackedBreaker, type TrackedBreakerOptions } from "./tracked_breaker.ts";

/** What time alone can make of a breaker without probes: a ramp may be complete. */
const LATER: Readonly<Record<StateName, readonly StateName[]>> = {
  closed: ["closed"],
  open: ["open", "half-open"],
  "half-open": ["half-open", "closed"],
};

/** A place for one breaker, which may be replaced by one restored from its snapshot. */
export class BreakerSlot {
  readonly #context: SoakContext;
  #tracked: TrackedBreaker;
  #policy: Policy;
  readonly #settings: BreakerSettings;

  private constructor(
    context: SoakContext,
    tracked: TrackedBreaker,
    policy: Policy = {},
    settings: BreakerSettings = {},
  ) {
    this.#context = context;
    this.#tracked = tracked;
    this.#policy = policy;
    this.#settings = settings;
  }

  /** A place for a provider's breaker, whose events its provider hands over. */
  static provided(context: SoakContext, tracked: TrackedBreaker): BreakerSlot {
    return new BreakerSlot(context, tracked);
  }

  /** A place for a new breaker without a provider. */
  static standalone(
    context: SoakContext,
    name: string,
    { policy, ...rest }: BreakerSettings & { readonly policy: Policy },
  ): BreakerSlot {
    const settings: BreakerSettings = { ...rest, logger: context.logger };
    const breaker = createBreaker(name, policy, settings);
    const tracked = trackStandalone(breaker, { context, hasFixedPolicy: true });
    return new BreakerSlot(context, tracked, policy, settings);
  }

  /** The breaker that is there now. */
  get tracked(): TrackedBreaker {
    return this.#tracked;
  }

  /** Whether it can be restored and given another policy. */
  get isStandalone(): boolean {
    return this.#tracked.breaker instanceof StandaloneBreaker;
  }

  /** Puts another policy in force, where no provider does that. */
  setPolicy(policy: Policy): void {
    const { breaker } = this.#tracked;
    if (!(breaker instanceof StandaloneBreaker)) return;
    this.#tracked.policyEdited();
    this.#policy = policy;
    breaker.setPolicy(policy);
  }

  /** Replaces the breaker by one restored from its snapshot, and returns the old one. */
  restore(): TrackedBreaker {
    const old = this.#tracked;
    const snapshot = old.breaker.snapshot();
    const text = JSON.stringify(snapshot);
    const restored = restoreBreaker(JSON.parse(text), this.#policy, this.#settings);
    const { lifetime } = snapshot;
    this.#expectSame(restored, snapshot);
    this.#tracked = trackStandalone(restored, {
      context: this.#context,
      hasFixedPolicy: old.hasFixedPolicy,
      lifetime,
    });
    this.#tracked.isPartial = old.isPartial;
    this.#context.tally.add("admin:restore");
    return old;
  }

  #expectSame(restored: Breaker, snapshot: BreakerSnapshot): void {
    const { state, mode } = restored;
    try {
      // Time alone may have moved it on since the snapshot.
      assert(LATER[snapshot.state].includes(state), `it is ${state}, and was ${snapshot.state}`);
      assert.equal(mode, snapshot.mode);
      assert.deepEqual(restored.counts.lifetime, snapshot.lifetime);
    } catch (error) {
      const seen = error instanceof Error ? error.message : String(error);
      this.#context.violations.add("a restored breaker goes on", `"${restored.name}": ${seen}`);
    }
  }
}

function trackStandalone(breaker: Breaker, options: TrackedBreakerOptions): TrackedBreaker {
  const tracked = new TrackedBreaker(breaker, options);
  breaker.on("stateChange", (event) => tracked.changed(event));
  breaker.on("reject", (event) => tracked.rejected(event));
  breaker.on("staleResult", (event) => tracked.wentStale(event));
  breaker.on("wouldOpen", () => options.context.tally.add("event:wouldOpen"));
  breaker.on("policyChange", () => options.context.tally.add("event:policyChange"));
  return tracked;
}
