import { type Nanos, Reading, toMs, toNanos } from "../time/timeline.ts";
import { Admission, type Admitter } from "./admission.ts";
import type { CallWatch } from "./events/call_watch.ts";
import { describeOverdueProbe } from "./events/overdue_probe.ts";
import type { RejectionReason } from "./events/refusal.ts";
import { Gate } from "./gate.ts";
import { askedFor } from "./hold_after.ts";
import type { Classification } from "./host/settings.ts";
import { admitProbe, enoughSuccesses, failsProbe, withSuccess } from "./state/half_open.ts";
import type { Probe } from "./state/probe_queue.ts";
import { ProbeTimes } from "./state/probe_times.ts";
import { firstCrossing } from "./trip/trip_criteria.ts";
import type { Evidence } from "./window/evidence.ts";
import { FAILURE, type OutcomeBits, outcomeOf, SLOW, SUCCESS, TIMEOUT } from "./window/outcome.ts";

/** A breaker's machine with the calls that go through it: admission, settlement, judgement. */
export class BreakerCore extends Gate implements Admitter {
  /** Admits a call or refuses it; whoever asks announces. A call may bring a time limit of its own, 0 for none. */
  admit(ownLimitMs?: number): Admission | undefined {
    if (this.passes && !this.behind) {
      this.inFlight++;
      return Admission.of(this);
    }
    return this.#decide(ownLimitMs);
  }

  #decide(ownLimitMs: number | undefined): Admission | undefined {
    const now = this.look();
    if (this.holds?.hasOwners) {
      this.holds.tidyUp(now);
      this.settleDown();
    }
    const reason = this.refusal(now);
    if (reason === undefined) return this.#admit(now, ownLimitMs);
    this.#refuse(reason, now);
    return undefined;
  }

  #admit(now: Nanos, ownLimitMs: number | undefined): Admission {
    const { state, watch, policy } = this;
    this.inFlight++;
    const start = watch?.readingAt(now) ?? new Reading(now);
    if (state.kind !== "half-open") return Admission.at(start, this, watch?.admitted(now, false));
    const admitted = admitProbe(state, {
      policy,
      times: this.probeTimes ??= new ProbeTimes(),
      limit: toNanos(ownLimitMs ?? policy.timeoutMs),
      at: now,
    });
    this.remain(admitted.state);
    const notes = watch?.admitted(now, true);
    return new Admission(this, start, { probe: admitted.probe, notes });
  }

  #refuse(reason: RejectionReason, now: Nanos): void {
    this.refusedFor = reason;
    this.gather().reject(reason);
    this.watch?.refused(reason, now);
    if (!this.hearsRejections) return;
    const retryAfterMs = this.retryAfterMs(reason, now);
    this.enqueue("reject", {
      ...this.details(reason),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }

  /** Counts the end of an admitted call that brought `outcome`, which may ask for time (R22). */
  conclude(call: Admission, bits: OutcomeBits, outcome: unknown, own?: Classification): void {
    const holdAfter = own?.holdAfter ?? this.host.holdAfter;
    // Ignored is negative, and has all bits.
    if (holdAfter !== undefined && (bits & (FAILURE | TIMEOUT)) === FAILURE) {
      this.look();
      if (call.epoch === this.epoch && this.mode !== "disabled") {
        const lasts = Math.min(
          askedFor(this.host, this.name, holdAfter, outcome),
          this.policy.maxHold,
        );
        this.look(); // the callback may have changed the breaker
        if (lasts > 0 && call.epoch === this.epoch) this.ask(lasts);
      }
    }
    this.settle(call, bits);
  }

  /** Counts the end of an admitted call: here only a fast success from which nothing follows, by the shortest way. */
  settle(admission: Admission, bits: OutcomeBits): void {
    this.inFlight--;
    const { start } = admission;
    if (bits !== SUCCESS || admission.epoch !== this.steady || this.behind) {
      this.#settle(admission, bits);
      return;
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
      return;
    }
    // A look can change nothing for a closed breaker that is up to date, and only a probe can be overdue.
    if (!this.passes || this.behind || call.probe !== undefined) {
      this.#settleAt(this.look(), call, bits);
    } else if (call.epoch === this.epoch) this.#record(call.start.at, bits);
    else this.#recordStale(bits);
    this.announce();
  }

  #settleAt(now: Nanos, call: Admission, bits: OutcomeBits): void {
    const { probe, start } = call;
    if (call.epoch !== this.epoch) this.#recordStale(bits);
    else if (probe === undefined) this.#record(start.at, bits, now);
    else this.#settleProbe(probe, start.at, bits, now);
    if (probe !== undefined && now >= probe.deadline) this.#overrun(probe, start.at, bits, now);
  }

  #settleWatched(watch: CallWatch, call: Admission, bits: OutcomeBits): void {
    const now = this.look();
    const { policy, evidence } = this;
    const { probe } = call;
    const startedAt = watch.startOf(call.start.at);
    if (bits >= 0 && now - startedAt > policy.slowAfter) bits |= SLOW;
    if (bits === SUCCESS && call.epoch === watch.steady && evidence !== undefined) {
      evidence.succeed(policy.window, now);
      watch.succeeded(call, startedAt, now);
      return;
    }
    watch.settled(call, startedAt, now, bits, call.epoch !== this.epoch);
    if (call.epoch !== this.epoch) this.#recordStale(bits);
    else if (probe === undefined) this.#record(startedAt, bits, now);
    else this.#settleProbe(probe, startedAt, bits, now);
    if (probe !== undefined && now >= probe.deadline) this.#overrun(probe, startedAt, bits, now);
    this.announce();
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
    // When a failure was is asked by the next one (R24).
    const needsTime = policy.recordNeedsTime || bits !== SUCCESS;
    const read = now ?? (needsTime ? this.host.timeline.now() : undefined);
    const at = read ?? start;
    if (at - start > policy.slowAfter) bits |= SLOW;
    if (this.crossed !== undefined) this.#endCrossing(evidence, at);
    if (bits === SUCCESS) {
      evidence.succeed(policy.window, at);
    } else {
      evidence.record(bits, policy.window, at, policy.longestGap);
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

  #settleProbe(probe: Probe, start: Nanos, bits: OutcomeBits, at: Nanos): void {
    const { state, policy } = this;
    if (state.kind !== "half-open") return;
    state.probes.remove(probe);
    const evidence = this.gather();
    if (bits < 0) {
      evidence.ignore();
      this.remain(state);
      return;
    }
    if (at - start > policy.slowAfter) bits |= SLOW;
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

  /** Counts, learns from and tells of a probe that was overdue, whatever ended its epoch (R11). */
  #overrun({ deadline, times }: Probe, start: Nanos, bits: OutcomeBits, at: Nanos): void {
    const { name: breaker, policy } = this;
    const took = at - start;
    if (bits >= 0 && took > policy.slowAfter) bits |= SLOW;
    const succeeded = bits >= 0 && !failsProbe(bits, policy);
    if (succeeded && times === this.probeTimes) times.learn(took);
    this.gather().overrun();
    const details = { tookMs: toMs(took), deadlineMs: toMs(deadline - start) };
    if (this.hears("overdueProbe")) this.enqueue("overdueProbe", { breaker, ...details });
    this.host.warn(breaker, describeOverdueProbe(details), { ...details });
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

  /** Opens a closed breaker by hand, and a half-open one again (R23). */
  tripNow(reason: string | undefined): void {
    const at = this.look();
    this.watch?.happened({ kind: "trip", reason, at });
    if (this.mode === "normal" && this.state.kind === "half-open") {
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
  #endCrossing(evidence: Evidence, at: Nanos): void {
    if (this.crossed === "readyToTrip") return; // asked after failures only
    evidence.window?.advance(at);
    const crossing = firstCrossing(this.policy.criteria, evidence.counts());
    if (crossing === undefined) this.crossed = undefined;
  }
}
