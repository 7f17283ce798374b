import assert from "node:assert/strict";
import { forNode } from "../../bench/report/node_project.ts";

Deno.test("a module for Node names packages as npm does, and says which it imports", () => {
  const source = [
    'import { wrap } from "npm:cockatiel@4.0.0";',
    '// @ts-types="npm:@types/opossum@8.1.9"',
    'import Opossum from "npm:opossum@10.0.0";',
    'import { keep } from "./work.ts";',
    'export { x } from "npm:@scope/name@1.2.3-rc.1";',
  ].join("\n");
  assert.deepEqual(forNode(source), {
    text: [
      'import { wrap } from "cockatiel";',
      '// @ts-types="npm:@types/opossum@8.1.9"',
      'import Opossum from "opossum";',
      'import { keep } from "./work.ts";',
      'export { x } from "@scope/name";',
    ].join("\n"),
    packages: ["cockatiel@4.0.0", "opossum@10.0.0", "@scope/name@1.2.3-rc.1"],
  });
});
