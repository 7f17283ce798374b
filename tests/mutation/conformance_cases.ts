/** Registers each conformance case as a test of its own. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { parseCases } from "../conformance/case.ts";
import { caseFiles, OWN_CASES } from "../conformance/main.ts";
import { runCase } from "../conformance/run_case.ts";
import { THIS_LIBRARY } from "../conformance/this_library.ts";

for (const file of await caseFiles([OWN_CASES])) {
  for (const subject of parseCases(await readFile(file, "utf8"), file)) {
    if ("fault" in subject) throw new Error(subject.fault);
    Deno.test(`${subject.rule}: ${subject.name}`, () => {
      assert.equal(runCase(subject, THIS_LIBRARY)?.seen, undefined);
    });
  }
}
