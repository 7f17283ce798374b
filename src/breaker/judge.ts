import { AT_STAKE, KEPT } from "../collections/giving_way.ts";
import type { Nanos } from "../time/timeline.ts";
import { CallWatch } from "./events/call_watch.ts";
import type { CallWatcher } from "./events/call_watcher.ts";
import { Gate } from "./gate.ts";
import { describeFailure, type FailedOutcome, type LastFailure } from "./trip/last_failure.ts";
import { firstCrossing } from "./trip/trip_criteria.ts";
import type { BreakerCounts } from "./window/counts.ts";
import { Evidence } from "./window/evidence.ts";
import { FAILURE, type OutcomeBits, SLOW, SUCCESS } from "./window/outcome.ts";

const NO_EVIDENCE = new Evidence();

/** A breaker's gate with what has been counted, and what follows from it. */
export class Judge extends Gate {
  /** Calls in flight, stale ones included. */
  inFlight = 0;
  /** The breaker as callers hold it: a call in flight keeps the core, and so it keeps this too, to be found again. */
  breaker: object | undefined;
  /** The number of its last use; `undefined`: it was never used. */
  usedAt: number | undefined;

  /** Has `watcher` told of all that happens from now on, and returns what ends that. */
  addWatcher(watcher: CallWatcher): () => void {
    this.changeWatch((watch, now) => watch.add(watcher, now));
    return () => this.changeWatch((watch, now) => watch.remove(watcher, now));
  }

  protected changeWatch(change: (watch: CallWatch, now: Nanos) => void): void {
    const now = this.look();
    const { host, name } = this;
    const watch = this.watch ??
      new CallWatch({ audience: host, breaker: name, source: host.timeline });
    change(watch, now);
    this.setWatch(watch.isOver ? undefined : watch);
    this.settleDown();
    this.announce();
  }

  /** Everything counted. Look first. */
  counts(at: Nanos): BreakerCounts {
    const { state, evidence = NO_EVIDENCE } = this;
    // From opening to closing the window stands still (R10).
    if (state.kind === "closed") evidence.window?.advance(at);
    const lifetime = evidence.lifetime();
    const { open, held, probing, ramping, forced } = lifetime.rejected;
    return {
      ...evidence.counts(),
      inFlight: state.kind === "half-open" ? state.probes.size : 0,
      rejected: open + held + probing + ramping + forced,
      staleCalls: lifetime.stale,
      overdueProbes: lifetime.overdueProbes,
      lifetime,
    };
  }

  /** What would be lost with this breaker: the less, the sooner it gives way to one of another name. */
  worth(): number {
    if (this.inFlight > 0 || this.overridden !== undefined || this.hasListeners) return KEPT;
    if (this.state.kind === "closed" && !this.remembersTroubles()) {
      return this.usedAt ?? 0; // whatever the time is: most are so, and a reading is dear
    }
    const now = this.look();
    if (this.announce()) return this.worth(); // by a listener anything may have changed
    if (this.state.kind !== "closed" || this.heldUntil(now) !== undefined) return KEPT;
    this.gather().window?.advance(now);
    if (this.holds !== undefined) {
      this.holds.tidyUp(now);
      this.settleDown();
    }
    return (this.usedAt ?? 0) + (this.remembersTroubles() ? AT_STAKE : 0);
  }

  /** Whether something is remembered of a dependency that failed, was slow or asked for time; so is a hold. */
  protected remembersTroubles(): boolean {
    const { evidence, probeTimes, holds } = this;
    return (evidence?.hasTroubles ?? false) || (probeTimes?.slowest ?? 0) > 0 ||
      (holds?.hasAny ?? false);
  }

  /** An outcome, slow if the call took too long and counts. */
  protected timed(bits: OutcomeBits, took: Nanos): OutcomeBits {
    return bits >= 0 && took > this.policy.slowAfter ? bits | SLOW : bits;
  }

  /** Counts the end of a call that is no probe, and judges the evidence. Without `now` the clock is read where it matters. */
  protected record(start: Nanos, bits: OutcomeBits, now?: Nanos, outcome?: FailedOutcome): void {
    if (this.mode === "disabled") return;
    const { policy } = this;
    const evidence = this.gather();
    if (bits < 0) {
      evidence.ignore();
      return;
    }
    // When a failure was is asked by the next one (R24).
    const needsTime = policy.recordNeedsTime || bits !== SUCCESS;
    const read = now ?? (needsTime ? this.host.timeline.now() : undefined);
    const at = read ?? start;
    if (this.crossed !== undefined) this.endCrossing(evidence, at);
    const timed = this.timed(bits, at - start);
    if (timed === SUCCESS) {
      evidence.succeed(policy.window, at);
    } else {
      evidence.record(timed, policy.window, at, policy.longestGap);
      this.judge(evidence, read, (bits & FAILURE) !== 0 ? outcome : undefined);
    }
  }

  /** Opens the breaker if a criterion holds (R5), or announces that it would (R13). */
  protected judge(evidence: Evidence, now: Nanos | undefined, outcome: FailedOutcome): void {
    const counts = evidence.counts();
    const { epoch } = this;
    let crossing = firstCrossing(this.policy.criteria, counts);
    if (crossing === undefined) {
      const trips = this.host.readyToTrip(this.name, counts);
      if (trips !== undefined) this.watch?.happened({ kind: "verdict", trips });
      if (trips) crossing = { criterion: "readyToTrip" };
    }
    if (epoch !== this.epoch) return; // the callback itself changed the breaker
    if (crossing === undefined) {
      this.crossed = undefined;
      return;
    }
    if (this.mode === "metrics-only" && this.crossed !== undefined) return; // announced already
    const lastFailure = this.lastFailure(outcome);
    if (epoch !== this.epoch) return; // to read the error changed the breaker
    const at = now ?? this.host.timeline.now();
    const trip = Object.freeze({
      ...crossing,
      ...(lastFailure !== undefined && { lastFailure }),
      counts: Object.freeze(counts),
      at: this.host.timeline.clockMs(at),
    });
    if (this.mode !== "metrics-only") {
      this.enterDrawing({ cause: "tripped", at, trip });
    } else {
      this.crossed = crossing.criterion;
      if (this.hears("wouldOpen")) this.enqueue("wouldOpen", { breaker: this.name, trip });
    }
  }

  /** What is told of a failure, unless nothing is known of it. */
  protected lastFailure(outcome: FailedOutcome): LastFailure | undefined {
    return outcome === undefined ? undefined : describeFailure(outcome, this.host.failureMessages);
  }

  /** Opens a closed breaker by hand, and a half-open one again (R23). */
  tripNow(reason: string | undefined): void {
    const at = this.look();
    this.watch?.happened({ kind: "trip", reason, at });
    if (this.state.kind === "half-open") { // which it is in the mode normal alone
      this.enterDrawing({ cause: "manual", reason, at });
    } else if (this.mode === "normal" && this.state.kind === "closed") {
      const evidence = this.gather();
      evidence.window?.advance(at);
      const trip = Object.freeze({
        criterion: "manual" as const,
        ...(reason !== undefined && { reason }),
        counts: Object.freeze(evidence.counts()),
        at: this.host.timeline.clockMs(at),
      });
      this.enterDrawing({ cause: "tripped", at, trip });
    }
    this.announce();
  }

  /** Ends an announced crossing that is over by now, before the next outcome is recorded. */
  protected endCrossing(evidence: Evidence, at: Nanos): void {
    if (this.crossed === "readyToTrip") return; // asked after failures only
    evidence.window?.advance(at);
    const crossing = firstCrossing(this.policy.criteria, evidence.counts());
    if (crossing === undefined) this.crossed = undefined;
  }
}
