import assert from "node:assert/strict";
import { readCases } from "./conformance_case.ts";
import { runCase } from "./run_case.ts";

const FOLDER = new URL("../conformance/", import.meta.url);

const files = [...Deno.readDirSync(FOLDER)]
  .map((entry) => entry.name)
  .filter((name) => name.endsWith(".json"))
  .sort();

Deno.test("the model agrees with every conformance case", async (context) => {
  assert(files.length > 0);
  for (const file of files) {
    await context.step(file, () => {
      const cases = readCases(Deno.readTextFileSync(new URL(file, FOLDER)));
      assert(cases.length > 0);
      const disagreements = cases.flatMap((each) => {
        const disagreement = runCase(each);
        if (disagreement === undefined) return [];
        return [`${each.rule} ${each.name}: step ${disagreement.step}: ${disagreement.what}`];
      });
      assert.deepEqual(disagreements, []);
    });
  }
});

Deno.test("no two conformance cases have the same name", () => {
  const names = files.flatMap((file) =>
    readCases(Deno.readTextFileSync(new URL(file, FOLDER))).map(({ name }) => name)
  );
  assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
});
