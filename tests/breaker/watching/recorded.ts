import assert from "node:assert/strict";
import { type Breaker, coreOf } from "../../../src/breaker/breaker.ts";
import type { StateChangeEvent, WouldOpenEvent } from "../../../src/breaker/events/events.ts";
import { Recorder, type RecorderOptions } from "./recorder.ts";
import { Replay } from "./replay.ts";

/** A breaker that is recorded, and what it announced. */
export class Recorded {
  readonly recorder: Recorder;
  readonly #breaker: Breaker;
  readonly #transitions: StateChangeEvent[] = [];
  readonly #crossings: WouldOpenEvent[] = [];

  /** Begins to record. */
  constructor(breaker: Breaker, options: RecorderOptions = {}) {
    this.recorder = Recorder.of(coreOf(breaker), options);
    this.#breaker = breaker;
    breaker.on("stateChange", (event) => this.#transitions.push(event));
    breaker.on("wouldOpen", (event) => this.#crossings.push(event));
  }

  /** Holds a second breaker, which is told what was recorded, to what the breaker did and is. */
  checkReplay(): void {
    const core = coreOf(this.#breaker);
    // Of the time of day a record says nothing.
    const { takenAt: _now, ...snapshot } = this.#breaker.snapshot();
    const replay = Replay.of(this.recorder);
    const { takenAt: _then, ...replayed } = replay.snapshot(core.look());
    assert.deepEqual(replayed, snapshot);
    assert.deepEqual(replay.transitions, this.#transitions);
    assert.deepEqual(replay.crossings, this.#crossings);
    assert.deepEqual(replay.core.policy.effective, core.policy.effective);
  }
}
