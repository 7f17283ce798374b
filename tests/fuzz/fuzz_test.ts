import assert from "node:assert/strict";
import process from "node:process";
import { parametersFrom } from "../properties/settings.ts";
import { describeFinding, tryInput } from "./fuzz.ts";
import { TARGETS } from "./targets/all.ts";

for (const target of TARGETS) {
  Deno.test(`fuzz: ${target.name} never do what they must not`, async () => {
    const { seed = 0, numRuns = target.short } = parametersFrom(process.env, target.short);
    for (let i = 0; i < numRuns; i++) {
      const finding = await tryInput(target, seed + i);
      if (finding !== undefined) assert.fail(describeFinding(finding));
    }
  });
}
