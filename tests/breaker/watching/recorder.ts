import assert from "node:assert/strict";
import type { BreakerCore } from "../../../src/breaker/core.ts";
import type {
  CallWatcher,
  Happening,
  Settlement,
} from "../../../src/breaker/events/call_watcher.ts";
import type { RejectionReason } from "../../../src/breaker/events/refusal.ts";
import { type BreakerSnapshot, takeSnapshot } from "../../../src/breaker/snapshot/snapshot.ts";
import { type OutcomeBits, SLOW } from "../../../src/breaker/window/outcome.ts";
import type { EffectivePolicy } from "../../../src/policy/policy.ts";
import type { Nanos } from "../../../src/time/timeline.ts";

/** What a breaker was at one instant. */
export interface Keyframe {
  readonly at: Nanos;
  /** What the clock read at instant 0, in milliseconds. */
  readonly originMs: number;
  readonly policy: EffectivePolicy;
  readonly snapshot: BreakerSnapshot;
}

/** One thing that a breaker was told, or decided by. */
export type Entry =
  | Exclude<Happening, { kind: "restore" }>
  | { readonly kind: "restore"; readonly at: Nanos; readonly snapshot: BreakerSnapshot }
  | { readonly kind: "probe"; readonly id: number; readonly at: Nanos }
  | { readonly kind: "refusal"; readonly reason: RejectionReason; readonly at: Nanos }
  | {
    readonly kind: "settlement";
    readonly startedAt: Nanos;
    readonly at: Nanos;
    /** As the call was judged, without `SLOW`, which follows from how long it took. */
    readonly bits: OutcomeBits;
    readonly isStale: boolean;
    /** The id of the probe that it was. */
    readonly probe: number | undefined;
  };

/** How a recorder watches. */
export interface RecorderOptions {
  /** @default false */
  readonly countsTicks?: boolean;
}

/** Keeps all that it is told of one breaker, from an instant at which no probe was in flight. */
export class Recorder implements CallWatcher {
  readonly countsTicks: boolean;
  readonly start: Keyframe;
  readonly entries: Entry[] = [];
  readonly #core: BreakerCore;
  #probes = 0;

  private constructor(core: BreakerCore, { countsTicks = false }: RecorderOptions) {
    assert(core.state.kind !== "half-open" || core.state.probes.size === 0);
    this.#core = core;
    this.countsTicks = countsTicks;
    const at = core.look();
    const originMs = core.host.timeline.clockMs(0);
    this.start = { at, originMs, policy: core.policy.effective, snapshot: takeSnapshot(core, at) };
  }

  /** Begins to record what happens to a breaker. */
  static of(core: BreakerCore, options: RecorderOptions = {}): Recorder {
    core.look();
    core.announce();
    const recorder = new Recorder(core, options);
    core.addWatcher(recorder);
    return recorder;
  }

  admitted(at: Nanos, isProbe: boolean): number {
    assert(isProbe); // it has not asked for the others
    const id = this.#probes++;
    this.entries.push({ kind: "probe", id, at });
    return id;
  }

  settled({ startedAt, at, bits, isStale, isProbe, note }: Settlement): void {
    assert(!isProbe || note === undefined || typeof note === "number");
    const probe = typeof note === "number" ? note : undefined;
    const judged = bits < 0 ? bits : bits & ~SLOW;
    this.entries.push({ kind: "settlement", startedAt, at, bits: judged, isStale, probe });
  }

  refused(reason: RejectionReason, at: Nanos): void {
    this.entries.push({ kind: "refusal", reason, at });
  }

  happened(happening: Happening): void {
    if (happening.kind === "restore") {
      const snapshot = takeSnapshot(this.#core, happening.at);
      this.entries.push({ ...happening, snapshot });
    } else {
      this.entries.push(happening);
    }
  }
}
