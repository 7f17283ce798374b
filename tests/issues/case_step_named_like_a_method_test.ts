import assert from "node:assert/strict";
import { parseCases } from "../conformance/case.ts";

const GOOD = '{"name":"good","rule":"R5","steps":[{"call":"success"}]}';

for (const step of ["toString", "constructor", "__proto__", "hasOwnProperty"]) {
  Deno.test(`a conformance step "${step}" is a fault, and spoils no other case`, () => {
    const bad = `{"name":"bad","rule":"R5","steps":[{"${step}":1}]}`;
    const [first, second] = parseCases(`[${bad},${GOOD}]`, "cases.json");
    assert(first !== undefined && "fault" in first);
    assert.match(first.fault, /step 1: none of begin/);
    assert(second !== undefined && !("fault" in second));
  });
}

Deno.test("a fault of a conformance step does not repeat a huge value", () => {
  const bad = `[{"name":"bad","rule":"R5","steps":[{"begin":["${"x".repeat(100_000)}"]}]}]`;
  const [first] = parseCases(bad, "cases.json");
  assert(first !== undefined && "fault" in first);
  assert(first.fault.length < 300);
});
