import { type Nanos, Reading } from "../time/timeline.ts";
import { Admission, type Admitter } from "./admission.ts";
import type { CallWatch } from "./events/call_watch.ts";
import type { RejectionReason } from "./events/refusal.ts";
import { Gate } from "./gate.ts";
import { admitProbe, enoughSuccesses, failsProbe, withSuccess } from "./state/half_open.ts";
import type { Probe } from "./state/probe_queue.ts";
import { firstCrossing } from "./trip/trip_criteria.ts";
import type { BreakerCounts } from "./window/counts.ts";
import { Evidence } from "./window/evidence.ts";
import { type OutcomeBits, outcomeOf, SLOW, SUCCESS, TIMEOUT } from "./window/outcome.ts";

const NO_EVIDENCE = new Evidence();

/** A breaker's gate with the calls that go through it: admission, settlement, judgement. */
export class BreakerCore extends Gate implements Admitter {
  /** Calls in flight, stale ones included. */
  inFlight = 0;

  /** Everything counted. Look first. */
  counts(at: Nanos): BreakerCounts {
    const { state, evidence = NO_EVIDENCE } = this;
    // From opening to closing the window stands still (R10).
    if (state.kind === "closed") evidence.window?.advance(at);
    const lifetime = evidence.lifetime();
    const { open, probing, ramping, forced } = lifetime.rejected;
    return {
      ...evidence.counts(),
      inFlight: state.kind === "half-open" ? state.probes.size : 0,
      rejected: open + probing + ramping + forced,
      staleCalls: lifetime.stale,
      lifetime,
    };
  }

  /** Whether nothing would be lost with this breaker: nothing measured, in flight, set in code or listened to. */
  isIdle(): boolean {
    const now = this.look();
    this.announce();
    const { state, evidence, inFlight, overridden, hasListeners } = this;
    if (state.kind !== "closed" || inFlight > 0 || overridden !== undefined || hasListeners) {
      return false;
    }
    if (evidence === undefined) return true;
    evidence.window?.advance(now);
    return (evidence.window?.calls ?? 0) === 0 && evidence.consecutiveFailures === 0;
  }

  /** Admits a call or refuses it; whoever asks announces. */
  admit(): Admission | undefined {
    if (this.passes && !this.behind) {
      this.inFlight++;
      return Admission.of(this);
    }
    return this.#decide();
  }

  #decide(): Admission | undefined {
    const now = this.look();
    const reason = this.refusal();
    return reason === undefined ? this.#admit(now) : this.#refuse(reason, now);
  }

  #admit(now: Nanos): Admission {
    const { state, watch } = this;
    this.inFlight++;
    const start = watch?.readingAt(now) ?? new Reading(now);
    if (state.kind !== "half-open") return Admission.at(start, this, watch?.admitted(now, false));
    const admitted = admitProbe(state, this.policy, now);
    this.remain(admitted.state);
    const notes = watch?.admitted(now, true);
    return new Admission(this, start, { probe: admitted.probe, notes });
  }

  #refuse(reason: RejectionReason, now: Nanos): undefined {
    this.gather().reject(reason);
    this.watch?.refused(reason, now);
    if (this.hearsRejections) this.enqueue("reject", this.rejection(reason, now));
  }

  /** Counts the end of an admitted call: here only a fast success from which nothing follows, by the shortest way. */
  settle(admission: Admission, bits: OutcomeBits): void {
    this.inFlight--;
    const { start } = admission;
    if (bits !== SUCCESS || admission.epoch !== this.steady || this.behind) {
      return this.#settle(admission, bits);
    }
    const { policy } = this;
    let end = start;
    if (policy.recordNeedsTime && !start.share()) {
      end = this.host.timeline.read();
      if (end.at - start.at > policy.slowAfter) {
        this.#record(start.at, bits, end.at);
        this.announce();
        return;
      }
    }
    this.evidence?.succeed(policy.window, end.at);
  }

  #settle(call: Admission, bits: OutcomeBits): void {
    const { watch } = this;
    if (watch !== undefined) {
      this.#settleWatched(watch, call, bits);
    } else if (!this.passes || this.behind) {
      const now = this.look();
      this.#settleAt(now, call, this.#timed(bits, now - call.start.at));
    } else if (call.epoch === this.epoch) {
      this.#record(call.start.at, bits); // a look would change nothing
    } else {
      this.#recordStale(bits);
    }
    this.announce();
  }

  #settleWatched(watch: CallWatch, call: Admission, bits: OutcomeBits): void {
    const isSteady = call.epoch === watch.steady && !this.behind;
    const now = isSteady ? watch.read().at : this.look();
    const startedAt = watch.startOf(call.start.at);
    const timed = this.#timed(bits, now - startedAt);
    if (isSteady && timed === SUCCESS) {
      this.evidence?.succeed(this.policy.window, now);
      watch.succeeded(call, startedAt, now);
    } else {
      const isStale = call.epoch !== this.epoch;
      watch.settled(call, { startedAt, at: now, bits: timed, isStale });
      this.#settleAt(now, call, timed);
    }
  }

  #settleAt(now: Nanos, call: Admission, bits: OutcomeBits): void {
    if (call.epoch !== this.epoch) this.#recordStale(bits);
    else if (call.probe === undefined) this.#record(call.start.at, bits, now);
    else this.#settleProbe(call.probe, bits, now);
  }

  /** An outcome, slow if the call took too long and counts. */
  #timed(bits: OutcomeBits, took: Nanos): OutcomeBits {
    return bits >= 0 && took > this.policy.slowAfter ? bits | SLOW : bits;
  }

  /** Counts the end of a call that is no probe, and judges the evidence. Without `now` the clock is read where it matters. */
  #record(start: Nanos, bits: OutcomeBits, now?: Nanos): void {
    if (this.mode === "disabled") return;
    const { policy } = this;
    const evidence = this.gather();
    if (bits < 0) {
      evidence.ignore();
      return;
    }
    const read = now ?? (policy.recordNeedsTime ? this.host.timeline.now() : undefined);
    const at = read ?? start;
    if (this.crossed !== undefined) this.#endCrossing(evidence, at);
    const timed = this.#timed(bits, at - start);
    if (timed === SUCCESS) {
      evidence.succeed(policy.window, at);
    } else {
      evidence.record(timed, policy.window, at);
      this.#judge(evidence, read);
    }
  }

  #recordStale(bits: OutcomeBits): void {
    this.gather().outlive();
    if (!this.hears("staleResult")) return;
    this.enqueue("staleResult", {
      breaker: this.name,
      outcome: outcomeOf(bits),
      state: this.shown,
    });
  }

  #settleProbe(probe: Probe, bits: OutcomeBits, at: Nanos): void {
    const { state, policy } = this;
    if (state.kind !== "half-open") return;
    state.probes.remove(probe);
    const evidence = this.gather();
    if (bits < 0) {
      evidence.ignore();
      this.remain(state);
      return;
    }
    evidence.total(bits);
    if (failsProbe(bits, policy)) {
      const cause = (bits & TIMEOUT) !== 0 ? "probe-timeout" : "probe-failure";
      this.enterDrawing({ cause, at });
      return;
    }
    const succeeded = withSuccess(state);
    this.remain(succeeded);
    if (enoughSuccesses(succeeded, policy)) this.enter({ cause: "recovered", at });
  }

  /** Opens the breaker if a criterion holds (R5), or announces that it would (R13). */
  #judge(evidence: Evidence, now: Nanos | undefined): void {
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
    const at = now ?? this.host.timeline.now();
    const trip = Object.freeze({
      ...crossing,
      counts: Object.freeze(counts),
      at: this.host.timeline.clockMs(at),
    });
    if (this.mode !== "metrics-only") {
      this.enterDrawing({ cause: "tripped", at, trip });
    } else if (this.crossed === undefined) {
      this.crossed = crossing.criterion;
      if (this.hears("wouldOpen")) this.enqueue("wouldOpen", { breaker: this.name, trip });
    }
  }

  /** Ends an announced crossing that is over by now, before the next outcome is recorded. */
  #endCrossing(evidence: Evidence, at: Nanos): void {
    if (this.crossed === "readyToTrip") return; // asked after failures only
    evidence.window?.advance(at);
    const crossing = firstCrossing(this.policy.criteria, evidence.counts());
    if (crossing === undefined) this.crossed = undefined;
  }
}
