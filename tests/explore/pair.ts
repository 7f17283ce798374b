import type { BreakerSnapshot } from "../../src/breaker/snapshot/snapshot.ts";
import type { Mode } from "../../src/policy/policy.ts";
import type { DifferentValue } from "../model/differential_run.ts";
import { Model } from "../model/model.ts";
import type { Outcome, Verdict } from "../model/observation.ts";
import { compareBoth } from "./compare.ts";
import type { Event } from "./event.ts";
import { type CoreMaker, Production, REAL_CORE, type RealCall } from "./production.ts";
import type { PreparedScope } from "./scope.ts";

/** A call that both sides admitted. */
export interface CallOfBoth {
  readonly real: RealCall;
  /** The model's id. */
  readonly id: number;
  /** Whether the breaker that admitted it has been replaced by a restored one. */
  orphaned: boolean;
}

/** Outcomes that were counted, as the model has it. */
export interface CountedTotals {
  successes: number;
  failures: number;
  timeouts: number;
}

const NONE: readonly DifferentValue[] = [];

/** The model and production in lockstep. */
export class Pair {
  readonly scope: PreparedScope;
  readonly production: Production;
  readonly model: Model;
  /** Calls in flight, the oldest first. */
  readonly calls: CallOfBoth[] = [];
  readonly totals: CountedTotals = { successes: 0, failures: 0, timeouts: 0 };
  policyIndex = 0;
  override: Mode | null = null;
  draw: number;
  /** What the breaker wrote that was replaced by the last event, if one was. */
  restoredFrom: BreakerSnapshot | undefined;

  constructor(scope: PreparedScope, makeCore: CoreMaker = REAL_CORE) {
    this.scope = scope;
    this.draw = scope.draw(0);
    this.production = new Production(scope, makeCore);
    const { readyToTrip } = scope.scope;
    this.model = new Model(scope.policy(0).effective, {
      random: () => this.draw,
      ...(readyToTrip && { readyToTrip }),
    });
  }

  /** Makes an event happen on both sides, and gives what differs in what it answers. */
  take(event: Event): readonly DifferentValue[] {
    const { production, model } = this;
    this.restoredFrom = undefined;
    switch (event.kind) {
      case "look":
        production.look();
        model.observe();
        return NONE;
      case "begin":
        return this.#begin();
      case "settle":
        return this.#settle(event);
      case "advance":
        production.advance(event.ms);
        model.advance(event.ms);
        return NONE;
      case "back":
        return this.#back(event.ms);
      case "policy":
        this.policyIndex = event.index;
        production.setPolicy(this.scope.policy(event.index));
        model.setPolicy(this.scope.policy(event.index).effective);
        return NONE;
      case "unseen policy":
        this.policyIndex = event.index;
        production.setPolicyUnseen(this.scope.policy(event.index));
        model.setPolicy(this.scope.policy(event.index).effective);
        return NONE;
      case "mode":
        this.override = event.mode;
        production.override(event.mode);
        model.override(event.mode);
        return NONE;
      case "reset":
        production.reset();
        model.reset();
        return NONE;
      case "restore":
        return this.#restore(0);
      case "aged restore":
        return this.#restore(event.ms);
      case "hold":
        production.hold(event.ms);
        model.hold(event.ms, "code");
        return NONE;
      case "release":
        production.release();
        model.release("code");
        return NONE;
      case "trip":
        production.tripNow();
        model.tripNow();
        return NONE;
      case "random":
        this.draw = event.draw;
        production.setDraw(event.draw);
        return NONE;
    }
  }

  /** Looks at both sides, and gives what differs in what they show. */
  compare(): readonly DifferentValue[] {
    return compareBoth(this);
  }

  #begin(): readonly DifferentValue[] {
    const real = this.production.begin();
    const admission = this.model.begin();
    if (real !== undefined && admission.admitted) {
      this.calls.push({ real, id: admission.id, orphaned: false });
      return NONE;
    }
    if (real !== undefined || admission.admitted) {
      return [{ name: "admitted", allowed: admission.admitted, seen: real !== undefined }];
    }
    const { rejection } = this.production;
    const retryAfterMs = rejection?.retryAfterMs ?? null;
    if (rejection?.reason === admission.reason && retryAfterMs === admission.retryAfterMs) {
      return NONE;
    }
    return [
      { name: "reason", allowed: admission.reason, seen: rejection?.reason },
      { name: "retryAfterMs", allowed: admission.retryAfterMs, seen: retryAfterMs },
    ];
  }

  #settle(
    { place, as, holdAfterMs }: Extract<Event, { kind: "settle" }>,
  ): readonly DifferentValue[] {
    const [call] = this.calls.splice(place, 1);
    if (call === undefined) throw new RangeError(`No call is in flight at place ${place}`);
    const { production, scope: { scope: { patienceMs } } } = this;
    const begunAtMs = this.model.remember().calls.get(call.id)?.begunAtMs ?? -Infinity;
    const isPatient = patienceMs === undefined || production.nowMs - begunAtMs >= patienceMs;
    const isAborted = patienceMs !== undefined && (as === "timeout" || as === "cancelled");
    if (isAborted) production.abort(call.real, as === "timeout" ? "TimeoutError" : "AbortError");
    else production.settle(call.real, as, holdAfterMs);
    // Where R3 leaves open whether a criterion holds, the model goes the way that production went.
    const opened = production.core.state.kind === "open";
    const details = { opened, ...(holdAfterMs !== undefined && { holdAfterMs }) };
    const counted = as === "timeout" && !isPatient ? "ignored" : as;
    this.#total(this.model.settle(call.id, counted, details), counted);
    return NONE;
  }

  #total(verdict: Verdict, as: Outcome): void {
    if (verdict === "ignored" || verdict === "stale") return;
    if (as === "success") this.totals.successes++;
    else this.totals.failures++;
    if (as === "timeout") this.totals.timeouts++;
  }

  #back(ms: number): readonly DifferentValue[] {
    this.take({ kind: "look" });
    this.take({ kind: "advance", ms: -ms });
    return this.take({ kind: "look" });
  }

  #restore(ageMs: number): readonly DifferentValue[] {
    const before = this.production.restore(ageMs);
    this.restoredFrom = ageMs === 0 ? before : undefined;
    this.model.restore({ ageMs });
    for (const call of this.calls) call.orphaned = true;
    return NONE;
  }
}
