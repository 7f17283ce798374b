import { type Nanos, Reading, toMs, toNanos } from "../time/timeline.ts";
import { Admission, type Admitter } from "./admission.ts";
import type { CallWatch } from "./events/call_watch.ts";
import { describeOverdueProbe } from "./events/overdue_probe.ts";
import type { RejectionReason } from "./events/refusal.ts";
import { askedFor } from "./hold_after.ts";
import type { Classification } from "./host/settings.ts";
import { Judge } from "./judge.ts";
import { nextUse } from "./next_use.ts";
import { admitProbe, enoughSuccesses, failsProbe, withSuccess } from "./state/half_open.ts";
import type { Probe } from "./state/probe_queue.ts";
import { ProbeTimes } from "./state/probe_times.ts";
import { type FailedOutcome, ResultFailure } from "./trip/last_failure.ts";
import { FAILURE, type OutcomeBits, outcomeOf, SUCCESS, TIMEOUT } from "./window/outcome.ts";

/** A breaker with the calls that go through it: admission, settlement, judgement. */
export class BreakerCore extends Judge implements Admitter {
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
    return reason === undefined ? this.#admit(now, ownLimitMs) : this.#refuse(reason, now);
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

  #refuse(reason: RejectionReason, now: Nanos): undefined {
    this.usedAt = nextUse();
    this.gather().reject(reason, now);
    this.watch?.refused(reason, now);
    if (this.hearsRejections) this.enqueue("reject", this.rejection(reason, now));
  }

  /** Counts the end of an admitted call that brought `outcome`: what failed may ask for time (R22). */
  conclude(call: Admission, bits: OutcomeBits, outcome: FailedOutcome, own?: Classification): void {
    // Ignored is negative, and has all bits.
    const holdAfter = (bits & (FAILURE | TIMEOUT)) === FAILURE
      ? own?.holdAfter ?? this.host.holdAfter
      : undefined;
    if (holdAfter !== undefined) {
      this.look();
      if (call.epoch === this.epoch && this.mode !== "disabled") {
        const subject = ResultFailure.subjectOf(outcome);
        const lasts = Math.min(
          askedFor(this.host, this.name, holdAfter, subject),
          this.policy.maxHold,
        );
        this.look(); // the callback may have changed the breaker
        if (lasts > 0 && call.epoch === this.epoch) this.ask(lasts);
      }
    }
    this.settle(call, bits, outcome);
  }

  /** Counts the end of an admitted call: here only a fast success from which nothing follows, by the shortest way. */
  settle(admission: Admission, bits: OutcomeBits, outcome?: FailedOutcome): void {
    this.inFlight--;
    const { start } = admission;
    if (bits !== SUCCESS || admission.epoch !== this.steady || this.behind) {
      this.#settle(admission, bits, outcome);
      return;
    }
    const { policy } = this;
    let end = start;
    if (policy.recordNeedsTime && !start.share()) {
      end = this.host.timeline.read();
      if (end.at - start.at > policy.slowAfter) {
        this.record(start.at, bits, end.at);
        this.announce();
        return;
      }
    }
    this.evidence?.succeed(policy.window, end.at);
  }

  #settle(call: Admission, bits: OutcomeBits, outcome: FailedOutcome): void {
    const { watch } = this;
    if (watch !== undefined) {
      this.#settleWatched(watch, call, bits, outcome);
    } else if (!this.passes || this.behind || call.probe !== undefined) {
      const now = this.look();
      this.#settleAt(now, call, this.timed(bits, now - call.start.at), outcome);
    } else if (call.epoch === this.epoch) {
      this.record(call.start.at, bits, undefined, outcome); // a look would change nothing
    } else {
      this.#recordStale(bits);
    }
    this.announce();
  }

  #settleWatched(
    watch: CallWatch,
    call: Admission,
    bits: OutcomeBits,
    outcome: FailedOutcome,
  ): void {
    const isSteady = call.epoch === watch.steady && !this.behind;
    const now = isSteady ? watch.read().at : this.look();
    const startedAt = watch.startOf(call.start.at);
    const timed = this.timed(bits, now - startedAt);
    if (isSteady && timed === SUCCESS) {
      this.evidence?.succeed(this.policy.window, now);
      watch.succeeded(call, startedAt, now);
    } else {
      const isStale = call.epoch !== this.epoch;
      watch.settled(call, { startedAt, at: now, bits: timed, isStale });
      this.#settleAt(now, call, timed, outcome);
    }
  }

  #settleAt(now: Nanos, call: Admission, bits: OutcomeBits, outcome: FailedOutcome): void {
    const { probe, start } = call;
    if (call.epoch !== this.epoch) this.#recordStale(bits);
    else if (probe === undefined) this.record(start.at, bits, now, outcome);
    else this.#settleProbe(probe, bits, now, outcome);
    if (probe !== undefined && now >= probe.deadline) this.#overrun(probe, start.at, bits, now);
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

  #settleProbe(probe: Probe, bits: OutcomeBits, at: Nanos, outcome: FailedOutcome): void {
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
      const { epoch } = this;
      const lastFailure = (bits & FAILURE) !== 0 ? this.lastFailure(outcome) : undefined;
      // To read the error may have changed the breaker.
      if (epoch === this.epoch) this.enterDrawing({ cause, at, lastFailure });
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
    const succeeded = bits >= 0 && !failsProbe(bits, policy);
    if (succeeded) times.learn(took); // after a reset those of nobody
    this.gather().overrun();
    const details = { tookMs: toMs(took), deadlineMs: toMs(deadline - start) };
    if (this.hears("overdueProbe")) this.enqueue("overdueProbe", { breaker, ...details });
    this.host.warn(breaker, describeOverdueProbe(details), { ...details });
  }
}
