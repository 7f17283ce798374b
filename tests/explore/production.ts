import type { Admission } from "../../src/breaker/admission.ts";
import { Breaker } from "../../src/breaker/breaker.ts";
import { classifyAbort } from "../../src/breaker/classify.ts";
import { BreakerCore } from "../../src/breaker/core.ts";
import type { RejectEvent } from "../../src/breaker/events/events.ts";
import { BreakerHost } from "../../src/breaker/host/host.ts";
import type { BreakerSettings } from "../../src/breaker/host/settings.ts";
import { Permit } from "../../src/breaker/permit.ts";
import { resumeFrom } from "../../src/breaker/snapshot/restore.ts";
import type { BreakerSnapshot } from "../../src/breaker/snapshot/snapshot.ts";
import { assertSnapshot } from "../../src/breaker/snapshot/snapshot_check.ts";
import { PolicyVersion } from "../../src/breaker/state/policy_line.ts";
import type { Mode } from "../../src/policy/policy.ts";
import type { Clock } from "../../src/time/clock.ts";
import { Timeline, toMs, toNanos } from "../../src/time/timeline.ts";
import { SILENT } from "../support/silent_logger.ts";
import { askedFor, settle } from "../conformance/run_case.ts";
import type { Outcome } from "../model/observation.ts";
import type { PreparedPolicy, PreparedScope } from "./scope.ts";

/** Makes the machine of a breaker; another than production's in order to plant a fault. */
export type CoreMaker = (host: BreakerHost, version: PolicyVersion) => BreakerCore;

/** The machine as it is in production. */
export const REAL_CORE: CoreMaker = (host, version) => new BreakerCore("explored", host, version);

/** A call that production admitted. */
export interface RealCall {
  readonly admission: Admission;
  readonly permit: Permit;
}

/** A clock that stands still until it is moved. */
class SteppedClock implements Clock {
  ms = 0;
  now(): number {
    return this.ms;
  }
  setTimeout(): never {
    throw new Error("A breaker owns no timer (R7)");
  }
  clearTimeout(): never {
    throw new Error("A breaker owns no timer (R7)");
  }
}

/** A breaker of production with what it announces, built without the checks of documents that cost more than a whole sequence. */
export class Production {
  readonly transitions: string[] = [];
  readonly enteredAtMs: number[] = [];
  /** How often it was announced that the breaker would have opened. */
  wouldOpen = 0;
  /** The newest transition and its cause, in words. */
  newest: string | undefined;
  /** Whether the newest transition was the end of a ramp. */
  closedByRamp = false;
  /** What the newest refusal said. */
  rejection: RejectEvent | undefined;
  readonly #clock = new SteppedClock();
  readonly #timeline = new Timeline(this.#clock);
  readonly #makeCore: CoreMaker;
  /** Whether it follows a chain of versions, in which policies change unseen. */
  readonly #chained: boolean;
  readonly #given: Pick<BreakerSettings, "readyToTrip" | "holdAfter" | "isIgnored" | "wallClock">;
  #draw: number;
  #policy: PreparedPolicy;
  #version: PolicyVersion;
  #core: BreakerCore;
  #breaker: Breaker;
  #generation = 0;
  #silence: (() => void)[] = [];

  constructor(scope: PreparedScope, makeCore: CoreMaker) {
    this.#makeCore = makeCore;
    this.#chained = scope.scope.unseen ?? false;
    const { readyToTrip, asks, patienceMs } = scope.scope;
    this.#given = {
      ...(readyToTrip && { readyToTrip }),
      ...(asks && { holdAfter: askedFor }),
      ...(patienceMs !== undefined && {
        isIgnored: (_error, call) => call !== undefined && call.elapsedMs < patienceMs,
      }),
      wallClock: () => this.#clock.ms,
    };
    this.#policy = scope.policy(0);
    this.#draw = scope.draw(0);
    this.#version = this.#newVersion();
    this.#core = this.#newCore();
    this.#breaker = new Breaker(this.#core);
    this.#listen();
    this.#core.look();
  }

  get core(): BreakerCore {
    return this.#core;
  }

  get breaker(): Breaker {
    return this.#breaker;
  }

  /** Milliseconds since the start. */
  get nowMs(): number {
    return this.#clock.ms;
  }

  /** Looks, as whoever reads anything does. */
  look(): void {
    void this.#breaker.counts;
  }

  /** Does what `tryAcquire` does, and keeps the admission for those who look into it. */
  begin(): RealCall | undefined {
    this.rejection = undefined;
    const admission = this.#core.admit();
    this.#core.announce();
    return admission && { admission, permit: new Permit(admission) };
  }

  settle({ permit }: RealCall, as: Outcome, holdAfterMs?: number): void {
    settle(permit, as, holdAfterMs);
  }

  /** Ends a call as `do` does once its caller's signal was aborted. */
  abort({ admission }: RealCall, name: "TimeoutError" | "AbortError"): void {
    const elapsedMs = this.#clock.ms - toMs(admission.start.at);
    const { host } = this.#core;
    const bits = classifyAbort(host, "explored", { reason: { name }, elapsedMs }, {});
    admission.core.settle(admission, bits);
  }

  advance(ms: number): void {
    this.#clock.ms += ms;
  }

  /** Puts a policy in force. */
  setPolicy(policy: PreparedPolicy): void {
    if (this.#chained) {
      this.setPolicyUnseen(policy);
      this.look();
    } else {
      this.#policy = policy;
      this.#core.follow(policy.version, undefined);
    }
  }

  /** Puts a policy in force as a provider does: the breaker finds it when somebody looks. */
  setPolicyUnseen(policy: PreparedPolicy): void {
    this.#policy = policy;
    const next = this.#newVersion();
    this.#version.next = next;
    this.#version = next;
  }

  override(mode: Mode | null): void {
    this.#breaker.override(mode);
  }

  reset(): void {
    this.#breaker.reset();
  }

  hold(ms: number): void {
    this.#breaker.hold(ms);
  }

  release(): void {
    this.#breaker.release();
  }

  tripNow(): void {
    this.#breaker.tripNow();
  }

  /** Sets what `random` gives from now on. */
  setDraw(draw: number): void {
    this.#draw = draw;
  }

  /** Goes on in a breaker restored from JSON that is so old by then; gives what was written. */
  restore(ageMs: number): BreakerSnapshot {
    const before = this.#breaker.snapshot();
    const written = JSON.parse(JSON.stringify(before));
    if (ageMs !== 0) written.takenAt -= ageMs;
    this.#version = this.#newVersion();
    this.#core = this.#newCore();
    resumeFrom(this.#core, assertSnapshot(written));
    this.#breaker = new Breaker(this.#core);
    this.#listen();
    return before;
  }

  /** A chain of this breaker's own, as far as it needs one: to link a version to the next changes it. */
  #newVersion(): PolicyVersion {
    const { version } = this.#policy;
    return this.#chained ? new PolicyVersion(version.documents, toNanos(this.#clock.ms)) : version;
  }

  #newCore(): BreakerCore {
    const generation = ++this.#generation;
    // A breaker that has been replaced must not use up the draws of the present one.
    const random = (): number => generation === this.#generation ? this.#draw : 0;
    // What keeps one timeline per clock, for all who share it, costs more than the whole breaker.
    const timed = { clock: this.#clock, timeline: this.#timeline };
    const host = new BreakerHost({ random, logger: SILENT, ...this.#given });
    return this.#makeCore(Object.assign(host, timed), this.#version);
  }

  #listen(): void {
    for (const silence of this.#silence) silence();
    this.#silence = [
      this.#breaker.on("stateChange", ({ from, to, cause, at }) => {
        this.newest = `${from} to ${to}: ${cause}`;
        this.closedByRamp = cause === "recovered" && this.#core.policy.ramp !== undefined;
        this.transitions.push(to);
        this.enteredAtMs.push(at);
      }),
      this.#breaker.on("wouldOpen", () => {
        this.wouldOpen++;
      }),
      this.#breaker.on("reject", (event) => {
        this.rejection = event;
      }),
    ];
  }
}
