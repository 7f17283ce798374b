/** Registers the first histories of the differential test as tests of their own. */
import assert from "node:assert/strict";
import { differenceOf } from "../model/differential.ts";

const HISTORIES = 300;
/** Histories in one test: few enough to be quick, enough to reach a mutant together. */
const TOGETHER = 10;

for (let first = 1; first <= HISTORIES; first += TOGETHER) {
  Deno.test(`histories ${first} to ${first + TOGETHER - 1} agree with the model`, async () => {
    for (let seed = first; seed < first + TOGETHER; seed++) {
      assert.equal(await differenceOf(seed), undefined);
    }
  });
}
