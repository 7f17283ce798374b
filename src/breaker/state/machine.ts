import type { Mode, Policy } from "../../policy/policy.ts";
import type { Nanos } from "../../time/timeline.ts";
import type { StateName } from "../events/state_name.ts";
import type { BreakerHost } from "../host/host.ts";
import type { Trip } from "../trip/trip.ts";
import { Evidence } from "../window/evidence.ts";
import type { CompiledPolicy } from "./compiled_policy.ts";
import { halfOpenDue, rolled, underPolicy } from "./half_open.ts";
import { nextDue } from "./next_due.ts";
import { openUntil } from "./open.ts";
import type { PolicyVersion } from "./policy_line.ts";
import type { Resumed } from "./resumed.ts";
import { RareFieldsOwner } from "./rare_fields.ts";
import {
  CLOSED,
  type State,
  transition,
  type TransitionEvent,
  type UndrawnEvent,
} from "./state.ts";

/**
 * The part of a breaker that time, policies and people move: its state, its
 * mode and the versions of its policy. It owns no timer; whoever looks at it
 * makes the transitions that are due, each as of its own instant (R20).
 */
export class Machine extends RareFieldsOwner {
  readonly name: string;
  readonly host: BreakerHost;
  policy: CompiledPolicy;
  /** The mode in force. */
  mode: Mode;
  state: State = CLOSED;
  /** Counts transitions, resets and changes of mode: a call of an earlier epoch is stale (R4). */
  epoch = 0;
  /** Comes into being with the first thing to count. */
  evidence: Evidence | undefined;
  /** Whether a call needs no decision: closed, not forced open, not held, and nobody is told of each admission. */
  passes = true;
  /** The epoch in which a fast success is only counted: the present one of a closed breaker in mode `normal` that nobody watches, else -1. */
  steady = -1;
  /** When time alone next changes something; `undefined`: never. */
  protected due: Nanos | undefined;
  #version: PolicyVersion;
  #own: Policy | undefined;
  #catchingUp = false;

  /** Creates a closed breaker that follows `version`, with the document `own` on top. */
  constructor(name: string, host: BreakerHost, version: PolicyVersion, own?: Policy) {
    super();
    this.name = name;
    this.host = host;
    this.#version = version;
    this.#own = own;
    this.policy = version.compiledFor(own);
    this.mode = this.policy.mode;
    this.settleDown();
  }

  /** Whether a version of the policy came into force that this breaker has not seen. */
  get behind(): boolean {
    return this.#version.next !== undefined;
  }

  /** The state as people see it. */
  get shown(): StateName {
    return this.mode === "forced-open" ? "open" : this.state.kind;
  }

  /** What tripped the breaker when it left closed. */
  get trip(): Trip | undefined {
    return this.state.kind === "closed" ? undefined : this.state.trip;
  }

  /** Makes every transition that is due and returns the present instant. */
  look(): Nanos {
    const now = this.watch?.read().at ?? this.host.timeline.now();
    if ((this.isDue(now) || this.behind) && !this.#catchingUp) this.#catchUp(now);
    return now;
  }

  protected isDue(now: Nanos): boolean {
    return this.due !== undefined && now >= this.due;
  }

  /** Closes with nothing remembered. */
  reset(): void {
    const at = this.look();
    this.watch?.happened({ kind: "reset", at });
    this.forget(at);
    this.enter({ cause: "reset", at });
    this.announce();
  }

  /** Forgets what only a reset does. */
  protected forget(_at: Nanos): void {
    this.probeTimes = undefined;
  }

  /** Sets or, with `undefined`, clears the mode that wins over the policy's. */
  override(mode: Mode | undefined): void {
    const at = this.look();
    this.watch?.happened({ kind: "override", mode, at });
    this.overridden = mode;
    if (mode !== undefined) this.keep();
    this.#changeMode(mode ?? this.policy.mode, at);
    this.announce();
  }

  /** Puts a version in force, with the document `own` on top, whatever was followed before. */
  follow(version: PolicyVersion, own: Policy | undefined): void {
    this.#follow(version, own, this.look());
  }

  /** Changes the document on top of the version that is followed. */
  setOwn(own: Policy | undefined): void {
    const at = this.look(); // which may come to a later version
    this.#follow(this.#version, own, at);
  }

  #follow(version: PolicyVersion, own: Policy | undefined, at: Nanos): void {
    this.#version = version;
    this.#own = own;
    this.#adopt(version.compiledFor(own), at);
    this.announce();
  }

  /** Goes on as of `at`; the next look makes what has fallen due since. */
  resume({ state, overridden, crossed, evidence, probeTimes, holds }: Resumed, at: Nanos): void {
    this.overridden = overridden;
    this.mode = overridden ?? this.policy.mode;
    this.crossed = crossed;
    this.evidence = evidence;
    this.probeTimes = probeTimes;
    this.holds = holds;
    evidence.reshape(this.policy.window, state.kind === "closed" ? at : state.trippedAt);
    this.remain(state.kind === "half-open" ? underPolicy(state, this.policy, at) : state);
    this.resumedAt = at;
    this.watch?.happened({ kind: "restore", at });
    this.announce();
  }

  #adopt(policy: CompiledPolicy, at: Nanos): void {
    const previous = this.policy;
    this.policy = policy;
    this.watch?.happened({ kind: "policy", policy: policy.effective, at });
    if (this.hears("policyChange")) {
      this.enqueue("policyChange", {
        breaker: this.name,
        policy: policy.effective,
        previous: previous.effective,
        at: this.host.timeline.clockMs(at),
      });
    }
    const mode = this.overridden ?? policy.mode;
    if (mode !== this.mode) {
      this.#changeMode(mode, at);
    } else {
      const { state, evidence } = this;
      if (evidence !== undefined) {
        if (state.kind === "closed") evidence.window?.advance(at);
        // From opening to closing the window stands still at the trip (R10).
        evidence.reshape(policy.window, state.kind === "closed" ? at : state.trippedAt);
      }
      this.remain(state.kind === "half-open" ? underPolicy(state, policy, at) : state);
      // A deadline that the edit moves into the past is due now, not then (R14).
      if (state.kind === "open" && this.isDue(at)) this.enter({ cause: "open-timeout", at });
    }
  }

  #changeMode(mode: Mode, at: Nanos): void {
    if (mode === this.mode) return;
    const shown = this.shown;
    this.mode = mode;
    this.enter({ cause: "mode", at }, shown);
  }

  #catchUp(now: Nanos): void {
    // The random source may look at the breaker that draws from it.
    this.#catchingUp = true;
    try {
      for (let next = this.#version.next; next !== undefined; next = this.#version.next) {
        const since = Math.min(next.since, now); // of time in ticks less may have passed
        this.#makeDue(since);
        const before = this.#version.compiled;
        const version = this.#version = next.versionFor(this.name);
        if (version.compiled !== before) this.#adopt(version.compiledFor(this.#own), since);
      }
      this.#makeDue(now);
    } finally {
      this.#catchingUp = false;
    }
  }

  #makeDue(until: Nanos): void {
    if (!this.isDue(until)) return;
    this.watch?.happened({ kind: "look", at: until });
    while (this.isDue(until)) {
      const { state } = this;
      if (state.kind === "open") {
        // What is past under the policy of a restoring was due as of the snapshot (R19).
        const at = Math.max(openUntil(state, this.policy), this.resumedAt ?? -Infinity);
        this.enter({ cause: "open-timeout", at });
      } else if (state.kind === "half-open") {
        const due = halfOpenDue(state, until);
        if (due === undefined) {
          this.remain(rolled(state, this.policy, until));
          return; // by `until` nothing more is due, also where an interval is too short to add to it
        }
        if (due.cause === "recovered") this.enter({ cause: "recovered", at: due.at });
        else this.enterDrawing({ cause: "probe-timeout", at: due.at });
      }
    }
  }

  /** Makes a transition into open, unless the random source itself changed the breaker. */
  protected enterDrawing(event: UndrawnEvent): void {
    const { epoch } = this;
    const draw = this.host.draw(this.name);
    this.watch?.happened({ kind: "draw", draw });
    if (epoch === this.epoch) this.enter({ ...event, draw });
  }

  /** Makes a transition: a new epoch, and word of it if the state that people see is another. */
  protected enter(event: TransitionEvent, from: StateName = this.shown): void {
    const trip = this.trip;
    this.epoch++;
    const state = transition(this.state, event, this.policy);
    if (state === CLOSED) {
      this.evidence?.clear();
      this.crossed = undefined;
    }
    this.remain(state);
    if (state.kind !== "closed") this.keep();
    if (from === this.shown || !this.hears("stateChange")) return;
    const shownTrip = this.trip ?? trip;
    this.enqueue("stateChange", {
      breaker: this.name,
      from,
      to: this.shown,
      cause: event.cause,
      at: this.host.timeline.clockMs(event.at),
      ...("lastFailure" in event && event.lastFailure !== undefined &&
        { lastFailure: event.lastFailure }),
      ...(event.cause === "manual" && event.reason !== undefined && { reason: event.reason }),
      ...(shownTrip !== undefined && { trip: shownTrip }),
    });
  }

  /** Takes on a state without a transition, and finds out what is due next. */
  protected remain(state: State): void {
    this.state = state;
    this.settleDown();
    this.due = nextDue(state, this.policy);
  }

  /** The evidence, which comes into being with the first thing to count. */
  protected gather(): Evidence {
    if (this.evidence === undefined) {
      this.evidence = new Evidence();
      this.settleDown();
    }
    return this.evidence;
  }

  /** Finds out which calls may take the short ways. */
  protected settleDown(): void {
    const { mode, watch } = this;
    const closed = this.state.kind === "closed";
    const held = mode === "normal" && this.holds?.hasOwners;
    this.passes = closed && mode !== "forced-open" && !held && !watch?.hearsAdmissions;
    const steady = closed && mode === "normal" && this.evidence !== undefined ? this.epoch : -1;
    this.steady = watch === undefined ? steady : -1;
    if (watch !== undefined) watch.steady = steady;
  }
}
