import type { Outcome, Permit } from "../../mod.ts";
import type { BreakerFleet } from "./breaker_fleet.ts";
import type { BreakerSlot } from "./breaker_slot.ts";
import { type CallPlan, planCall } from "./call_plan.ts";
import type { Chance } from "./chance.ts";
import type { Ending } from "./judged_call.ts";
import { addBadListener } from "./listener_antics.ts";
import { OperationFailure } from "./local_operation.ts";
import { PlannedCall, Withdrawal } from "./planned_call.ts";
import { PROFILES } from "./policy_profiles.ts";
import { longestProbeMs } from "./probe_deadlines.ts";
import { after } from "./real_timers.ts";
import type { SoakContext } from "./soak_context.ts";
import type { TrackedBreaker } from "./tracked_breaker.ts";

/** Calls that are begun in one go, and at most in flight. */
const BURST = 6;
const MOST_IN_FLIGHT = 60;
/** Breakers that get most of the calls at a time, and for how many calls. */
const HOT = 3;
const HOT_FOR = 300;
/** Calls in which a dependency is up or down. */
const PHASE = 40;
const IN_FLIGHT_AT_RESET = 4;
const OWNERS = ["code", "deploy"] as const;
/** Calls that share one signal, before it is aborted. */
const SHARED_BY = 400;

/** Makes calls of every kind through its share of the breakers, and does to them what people do. */
export class BreakerDriver {
  readonly #context: SoakContext;
  readonly #fleet: BreakerFleet;
  readonly #slots: readonly BreakerSlot[];
  readonly #chance: Chance;
  /** Apart, because how often it is asked depends on the time that things take. */
  readonly #pace: Chance;
  #steps = 0;
  #inFlight = 0;
  #shared = new AbortController();
  readonly #sharing = new Set<PlannedCall>();

  /** `slots` are for this driver alone. */
  constructor(
    context: SoakContext,
    fleet: BreakerFleet,
    options: { readonly slots: readonly BreakerSlot[]; readonly chance: Chance },
  ) {
    this.#context = context;
    this.#fleet = fleet;
    this.#slots = options.slots;
    this.#chance = options.chance;
    this.#pace = options.chance.fork();
  }

  /** Makes calls until the soak ends. */
  async run(): Promise<void> {
    while (!this.#context.isOver) {
      for (let i = 0; i < BURST; i++) this.#step();
      do await after(this.#pace.between(8, 24)); while (this.#inFlight > MOST_IN_FLIGHT);
    }
    this.#abortShared();
  }

  #step(): void {
    const chance = this.#chance;
    const step = this.#steps++;
    const hottest = Math.floor(step / HOT_FOR) * HOT;
    const index = chance.isHit(0.75) ? hottest + chance.below(HOT) : chance.below(1e6);
    const slot = this.#slots[index % this.#slots.length];
    const isFailing = Math.floor((step + index * 7) / PHASE) % 3 === 0;
    const plan = planCall(chance, isFailing);
    const isAdmin = chance.isHit(0.02);
    const deed = chance.fork();
    if (step % SHARED_BY === SHARED_BY - 1) this.#abortShared();
    if (slot === undefined) return;
    if (isAdmin) this.#administer(slot, deed);
    this.#call(slot.tracked, plan);
  }

  #call(tracked: TrackedBreaker, plan: CallPlan): void {
    const { ledger, tally } = this.#context;
    tally.add(`via:${plan.via}`);
    if (plan.via === "permit") {
      this.#usePermit(tracked, plan);
      return;
    }
    const call = new PlannedCall(ledger.made + 1, plan, this.#shared.signal);
    const entry = ledger.begin(plan.via, { limitMs: call.limitMs });
    this.#inFlight++;
    const isShared = plan.via === "do with options" && plan.abort === "with others";
    if (isShared) this.#sharing.add(call);
    const isLimited = plan.timeoutMs !== undefined || tracked.breaker.policy.timeout !== undefined;
    const end = (ending: Ending): void => {
      ledger.settle(entry);
      this.#inFlight--;
      this.#sharing.delete(call);
      const fault = call.end(ending, tracked.breaker.name, isLimited);
      if (fault === undefined) return;
      const seen = `call ${entry.id} by ${plan.via}, abort ${plan.abort}: ${fault}`;
      this.#context.violations.add("a caller gets what the rules say", seen);
    };
    if (plan.via === "do with options") tally.add(`abort:${plan.abort}`);
    if (plan.via === "doSync") {
      try {
        end({ kind: "value", value: tracked.doSync(call.operation.runSync, call.syncOptions()) });
      } catch (error) {
        end({ kind: "error", error });
      }
      return;
    }
    this.#begin(tracked, call).then(
      (value) => end({ kind: "value", value }),
      (error) => end({ kind: "error", error }),
    );
  }

  #begin(tracked: TrackedBreaker, call: PlannedCall): Promise<unknown> {
    const { via } = call.plan;
    if (via === "do") return tracked.do(call.operation.run);
    if (via === "wrap") return tracked.wrapped(() => call.operation.run(undefined), call.options());
    return tracked.do(call.operation.run, call.options());
  }

  #usePermit(tracked: TrackedBreaker, { permit: plan, heldMs }: CallPlan): void {
    const { policy } = tracked.breaker;
    const probeMs = policy.halfOpen.probeTimeout ?? policy.openStateTimeout;
    const acquired = tracked.acquire();
    if (acquired === undefined) return;
    this.#context.tally.add(`permit:${plan}`);
    const { permit, settling, settled, forget } = acquired;
    if (plan === "abandoned") {
      after(longestProbeMs(policy) + 200).then(forget);
      return;
    }
    this.#inFlight++;
    const lateMs = plan === "late" ? probeMs + heldMs : heldMs;
    const entry = this.#context.ledger.begin(`permit ${plan}`, { limitMs: lateMs });
    after(lateMs).then(() => {
      settling();
      settled(settlePermit(permit, plan));
      this.#context.ledger.settle(entry);
      this.#inFlight--;
    });
  }

  #abortShared(): void {
    for (const call of this.#sharing) call.abortedWithOthers();
    this.#shared.abort(new Withdrawal(0));
    this.#shared = new AbortController();
  }

  #administer(slot: BreakerSlot, chance: Chance): void {
    const { tracked } = slot;
    const deed = chance.weighted([
      ["reset", 2],
      ["override", 2],
      ["policy", 2],
      ["restore", 2],
      ["hold", 2],
      ["trip", 2],
      ["listener", 8],
      ["forget", 10],
    ]);
    this.#context.tally.add(`admin:${deed}`);
    switch (deed) {
      case "reset":
        this.#resetInFlight(tracked);
        break;
      case "override":
        this.#override(slot, chance);
        break;
      case "policy":
        slot.setPolicy(chance.pick(PROFILES));
        break;
      case "restore":
        this.#fleet.restore(slot);
        break;
      case "hold":
        this.#hold(slot, chance);
        break;
      case "trip":
        tracked.breaker.tripNow();
        break;
      case "listener":
        addBadListener(tracked, chance, this.#context);
        break;
      case "forget":
        this.#forget(chance);
    }
  }

  /** Resets a breaker with a few calls in flight, which end as stale. */
  #resetInFlight(tracked: TrackedBreaker): void {
    const { ledger } = this.#context;
    for (let i = 0; i < IN_FLIGHT_AT_RESET; i++) {
      const entry = ledger.begin("call across a reset", { limitMs: 0 });
      const end = (): void => ledger.settle(entry);
      tracked.do(() => after(0)).then(end, end);
    }
    tracked.reset();
  }

  /** Overrides a mode for a while. Where it is disabled, calls go uncounted from then on. */
  #override(slot: BreakerSlot, chance: Chance): void {
    const { tracked } = slot;
    const mode = chance.weighted([
      ["forced-open", 6],
      ["metrics-only", 3],
      ["normal", 3],
      ["disabled", 1],
    ]);
    if (mode === "disabled") tracked.isPartial = true;
    tracked.breaker.override(mode);
    // By then it may be another breaker, restored with the override.
    after(chance.between(20, 400)).then(() => slot.tracked.breaker.override(null));
  }

  /** Holds a breaker, and ends some holds before their time. */
  #hold(slot: BreakerSlot, chance: Chance): void {
    const owner = chance.pick(OWNERS);
    const forMs = chance.between(10, 200);
    slot.tracked.breaker.hold(forMs, { owner });
    // By then it may be another breaker, restored with the hold.
    if (chance.isHit(0.5)) after(forMs / 2).then(() => slot.tracked.breaker.release({ owner }));
  }

  #forget(chance: Chance): void {
    const breaker = this.#fleet.once();
    const calls = chance.below(5);
    for (let i = 0; i < calls; i++) {
      breaker.do(() => chance.isHit(0.5) ? "done" : Promise.reject(new OperationFailure(0)))
        .catch(() => {});
    }
  }
}

/** Settles a permit, and tells as what it counts. */
function settlePermit(permit: Permit, plan: CallPlan["permit"]): Outcome {
  switch (plan) {
    case "failure":
      permit.failure();
      return "failure";
    case "failure with error":
      permit.failure(new Error("A permit's error"));
      return "failure";
    case "timeout":
      permit.timeout();
      return "timeout";
    case "ignore":
      permit.ignore();
      return "ignored";
    case "disposed": {
      using _ = permit;
      return "ignored";
    }
    case "twice":
      permit.failure();
      permit.success();
      permit.timeout();
      permit[Symbol.dispose]();
      return "failure";
    default:
      permit.success();
      return "success";
  }
}
