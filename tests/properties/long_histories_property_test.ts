import assert from "node:assert/strict";
import { makeHistory } from "../model/differential_history.ts";

const SEEDS = [101, 102, 103, 104, 105, 106];
const MOVES = 5_000;

for (const seed of SEEDS) {
  Deno.test(`R1 to R24: production follows the model through ${MOVES} moves of history ${seed}`, async () => {
    const { history, difference } = await makeHistory(seed, { moves: MOVES });
    assert.equal(difference, undefined);
    assert.equal(history.moves.length, MOVES);
  });
}
