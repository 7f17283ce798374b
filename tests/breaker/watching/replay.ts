import assert from "node:assert/strict";
import { Admission } from "../../../src/breaker/admission.ts";
import { BreakerCore } from "../../../src/breaker/core.ts";
import type { StateChangeEvent, WouldOpenEvent } from "../../../src/breaker/events/events.ts";
import { BreakerHost } from "../../../src/breaker/host/host.ts";
import { resumeFrom } from "../../../src/breaker/snapshot/restore.ts";
import { type BreakerSnapshot, takeSnapshot } from "../../../src/breaker/snapshot/snapshot.ts";
import { assertSnapshot } from "../../../src/breaker/snapshot/snapshot_check.ts";
import { PolicyVersion } from "../../../src/breaker/state/policy_line.ts";
import type { EffectivePolicy } from "../../../src/policy/policy.ts";
import { type InstantSource, type Nanos, Reading, toMs } from "../../../src/time/timeline.ts";
import { SILENT } from "../../support/silent_logger.ts";
import type { Entry, Keyframe, Recorder } from "./recorder.ts";

/** Time that stands where a record says. */
class RecordedTime implements InstantSource {
  at: Nanos;
  readonly #originMs: number;

  constructor({ at, originMs }: Keyframe) {
    this.at = at;
    this.#originMs = originMs;
  }

  now(): Nanos {
    return this.at;
  }

  read(): Reading {
    return new Reading(this.at);
  }

  clockMs(at: Nanos): number {
    return this.#originMs + toMs(at);
  }
}

/** An epoch that no breaker is in. */
const PAST_EPOCH = -2;

/**
 * A second breaker that does what a recorded one did. It knows nothing but the
 * record: not how the first breaker was called, nor its clock, its random source
 * and its `readyToTrip`. What these did to the breaker while it asked them is
 * done again while this one asks.
 */
export class Replay {
  /** What was announced, in order. */
  readonly transitions: StateChangeEvent[] = [];
  readonly crossings: WouldOpenEvent[] = [];
  readonly core: BreakerCore;
  readonly #entries: readonly Entry[];
  readonly #time: RecordedTime;
  readonly #probes = new Map<number, Admission>();
  #done = 0;

  private constructor({ start, entries }: Recorder) {
    this.#entries = entries;
    this.#time = new RecordedTime(start);
    const asksCode = entries.some(({ kind }) => kind === "verdict");
    const host = new BreakerHost({
      logger: SILENT,
      random: () => this.#answer("draw").draw,
      ...(asksCode && { readyToTrip: () => this.#answer("verdict").trips }),
    });
    const { name } = start.snapshot;
    const timed = Object.assign(host, { timeline: this.#time });
    this.core = new BreakerCore(name, timed, version(start.policy, start.at));
    this.core.on("stateChange", (event) => this.transitions.push(event));
    this.core.on("wouldOpen", (event) => this.crossings.push(event));
    resumeFrom(this.core, readBack(start.snapshot), { elapsed: 0 });
    this.transitions.length = 0; // what was due at the beginning is none of the record
  }

  /** Does all that was recorded. */
  static of(recorder: Recorder): Replay {
    const replay = new Replay(recorder);
    for (let entry = replay.#next(); entry !== undefined; entry = replay.#next()) {
      replay.#take(entry);
    }
    return replay;
  }

  /** What the breaker is at an instant. */
  snapshot(at: Nanos): BreakerSnapshot {
    this.#time.at = at;
    return takeSnapshot(this.core, this.core.look());
  }

  #next(): Entry | undefined {
    return this.#entries[this.#done++];
  }

  /** What a callback answered, once what it did to the breaker is done again. */
  #answer<Kind extends "draw" | "verdict">(kind: Kind): Extract<Entry, { kind: Kind }> {
    const { at } = this.#time;
    for (let entry = this.#next(); entry !== undefined; entry = this.#next()) {
      if (isOf(kind, entry)) {
        this.#time.at = at; // who asked goes by the instant at which it began
        return entry;
      }
      this.#take(entry);
    }
    return assert.fail(`the record ends before a ${kind} that is asked for`);
  }

  #take(entry: Entry): void {
    const { core } = this;
    if ("at" in entry) this.#time.at = entry.at;
    switch (entry.kind) {
      case "look":
        core.look();
        break;
      case "draw":
      case "verdict":
        assert.fail(`a ${entry.kind} that nobody asks for`);
        break;
      case "policy":
        core.follow(version(entry.policy, entry.at), undefined);
        break;
      case "reset":
        core.reset();
        break;
      case "override":
        core.override(entry.mode);
        break;
      case "hold":
        core.hold(entry.owner, entry.lasts);
        break;
      case "ask":
        core.ask(entry.lasts);
        break;
      case "release":
        core.release(entry.owner);
        break;
      case "trip":
        core.tripNow(entry.reason);
        break;
      case "restore":
        resumeFrom(core, readBack(entry.snapshot), { elapsed: 0 });
        break;
      case "probe":
        this.#admit(entry.id);
        break;
      case "refusal":
        assert.equal(core.admit(), undefined, "a call is admitted that was refused");
        assert.equal(core.refusal(entry.at), entry.reason);
        break;
      case "settlement":
        this.#settle(entry);
    }
    core.announce();
  }

  #admit(id: number): void {
    const admission = this.core.admit();
    assert(admission?.probe !== undefined, "a probe is not admitted as one");
    this.#probes.set(id, admission);
  }

  #settle({ startedAt, bits, isStale, probe }: Extract<Entry, { kind: "settlement" }>): void {
    const { core } = this;
    if (probe !== undefined) {
      const admission = this.#probes.get(probe);
      assert(admission !== undefined);
      assert.equal(admission.epoch !== core.epoch, isStale);
      core.settle(admission, bits);
      return;
    }
    const { name, host, epoch } = core;
    const admitter = {
      name,
      host,
      epoch: isStale ? PAST_EPOCH : epoch,
      usedAt: 0,
      settle: () => {},
      conclude: () => {},
    };
    core.inFlight++;
    core.settle(new Admission(admitter, new Reading(startedAt)), bits);
  }
}

function isOf<Kind extends Entry["kind"]>(
  kind: Kind,
  entry: Entry,
): entry is Extract<Entry, { kind: Kind }> {
  return entry.kind === kind;
}

function version(policy: EffectivePolicy, since: Nanos): PolicyVersion {
  return new PolicyVersion([policy], since);
}

function readBack(snapshot: BreakerSnapshot): BreakerSnapshot {
  return assertSnapshot(JSON.parse(JSON.stringify(snapshot)));
}
