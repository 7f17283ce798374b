import assert from "node:assert/strict";
import { type Breaker, coreOf } from "../../../src/breaker/breaker.ts";
import { makeHistory } from "../../model/differential_history.ts";
import type { Move } from "../../model/differential_move.ts";
import { Pair } from "../../model/differential_run.ts";
import { Subject } from "../../model/differential_subject.ts";
import { Antics } from "./antics.ts";
import { Recorded } from "./recorded.ts";

const SEEDS = 600;

/** Does with production what a move says. */
async function take(subject: Subject, move: Move): Promise<void> {
  switch (move.kind) {
    case "look":
      subject.breaker.peek();
      break;
    case "begin":
      subject.begin(move.id);
      break;
    case "settle":
      await subject.settle(move.id, move.as, move.holdAfterMs);
      break;
    case "advance":
      subject.clock.advance(move.ms);
      break;
    case "policy":
      subject.setPolicy(move.document);
      break;
    case "mode":
      subject.override(move.mode);
      break;
    case "reset":
      subject.breaker.reset();
      break;
    case "restore":
      subject.restore(move.document, move.ageMs ?? 0);
      break;
    case "hold":
      subject.hold(move.ms, move.owner);
      break;
    case "release":
      subject.release(move.owner);
      break;
    case "trip":
      subject.tripNow();
      break;
    case "random":
      subject.draws.fix(move.draws);
  }
}

Deno.test("a watched breaker does what the model does, and a second breaker that is told the same does what it did", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { history: { way, policy, moves } } = await makeHistory(seed);
    const pair = new Pair(way, policy);
    let recorded = new Recorded(pair.subject.breaker);
    for (const [i, move] of moves.entries()) {
      const { breaker } = pair.subject;
      const differences = await pair.take(move);
      assert.deepEqual(differences, [], `seed ${seed}, move ${i}`);
      if (pair.subject.breaker === breaker) continue;
      recorded = new Recorded(pair.subject.breaker);
    }
    recorded.checkReplay();
  }
});

Deno.test("in whole ticks too a record says exactly what the breaker did, also one that was begun in the middle", async () => {
  let begunLate = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { history: { way, policy, moves } } = await makeHistory(seed);
    const subject = new Subject(way, policy);
    const beginAt = seed % 3 === 0 ? moves.length / 3 : 0;
    let recorded: Recorded | undefined;
    let watched: Breaker | undefined;
    for (const [i, move] of moves.entries()) {
      subject.clock.advance(0.0333 * (i % 4)); // instants that are no whole ticks
      await take(subject, move);
      // A probe of which the record does not know the beginning may still be overdue, and teach (R11).
      const hasCalls = coreOf(subject.breaker).inFlight > 0;
      if (i < beginAt || hasCalls || watched === subject.breaker) continue;
      recorded?.checkReplay();
      watched = subject.breaker;
      recorded = new Recorded(watched, { countsTicks: true });
      if (i > beginAt && beginAt > 0) begunLate++;
    }
    recorded?.checkReplay();
  }
  assert(begunLate > 20, `${begunLate}`);
});

Deno.test("what callbacks do to a breaker while it waits for their answer is told in between, and done again in between", () => {
  let meddled = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const antics = new Antics(seed);
    const recorded = new Recorded(antics.breaker, { countsTicks: seed % 2 === 0 });
    for (let step = 0; step < 150; step++) antics.step();
    antics.isQuiet = true;
    try {
      recorded.checkReplay();
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    meddled += antics.meddled;
  }
  assert(meddled > 3 * SEEDS, `${meddled}`);
});
