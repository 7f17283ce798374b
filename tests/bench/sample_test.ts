import assert from "node:assert/strict";
import { parseBenchJson, parseSampleLines } from "../../bench/report/sample.ts";

function benchJson(group: string | null, name: string, result: object): string {
  const bench = { origin: "file:///b.ts", group, name, baseline: false, results: [result] };
  return JSON.stringify({ version: 1, runtime: "Deno", cpu: "CPU", benches: [bench] });
}

Deno.test("the output of deno bench becomes a sample per bench", () => {
  assert.deepEqual(parseBenchJson("hot_path", benchJson("do", "bare", { ok: { avg: 12.5 } })), [
    { suite: "hot_path", group: "do", name: "bare", unit: "ns", value: 12.5, baseline: false },
  ]);
});

Deno.test("a bench that makes many calls is divided by their number", () => {
  const text = benchJson("do, in flight: 100 calls", "bare", { ok: { avg: 5_000 } });
  assert.equal(parseBenchJson("hot_path", text)[0]?.value, 50);
});

Deno.test("a short bench whose calls were timed one by one is left out, a long one is not", () => {
  const parse = (avg: number): number =>
    parseBenchJson("s", benchJson("g", "n", { ok: { avg, highPrecision: true } })).length;
  assert.deepEqual([parse(40), parse(9_000)], [0, 1]);
});

Deno.test("a bench that failed fails the report", () => {
  const text = benchJson(null, "bare", { failed: { message: "no" } });
  assert.throws(() => parseBenchJson("peers", text), /"bare" of peers failed/);
});

Deno.test("what a script printed becomes samples, other lines are left out", () => {
  const line = { suite: "s", group: "g", name: "n", unit: "B", value: 1, baseline: false };
  assert.deepEqual(parseSampleLines(`warming up\n${JSON.stringify(line)}\n\n`), [line]);
});
