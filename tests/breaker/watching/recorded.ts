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
    const snapshot = this.#breaker.snapshot(); // which looks, and that is recorded too
    const replay = Replay.of(this.recorder);
    assert.deepEqual(told(replay.snapshot(core.look())), told(snapshot));
    assert.deepEqual(told(replay.transitions), told(this.#transitions));
    assert.deepEqual(told(replay.crossings), told(this.#crossings));
    assert.deepEqual(replay.core.policy.effective, core.policy.effective);
  }
}

/** Of the time of day, and of what failures said, a record says nothing. */
function told(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, field) => UNTOLD.includes(key) ? undefined : field),
  );
}

const UNTOLD = ["takenAt", "lastFailure"];
