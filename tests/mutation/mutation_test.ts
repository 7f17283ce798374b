import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Equivalent, judgeSurvivors, parseEquivalents } from "./equivalents.ts";
import { instrumentTree } from "./instrument.ts";
import { MutationRun, type Result } from "./mutation_run.ts";
import { reportOf, totalsOf } from "./report.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** A small tree whose mutants meet every end there is. */
const TREE: Record<string, string> = {
  "deno.json": "{}",
  "mod.ts": 'export * from "./src/breaker/sample.ts";',
  "src/breaker/sample.ts": `
    export const GREETING = "hello";
    export const UNREAD = "unread";
    export function isPositive(value: number): boolean {
      return value > 0;
    }
    export function countTo(end: number): number {
      let count = 0;
      while (count < end) count++;
      return count;
    }
    export function later(value: string): Promise<string> {
      return new Promise((resolve) => {
        setTimeout(() => resolve(value), 1);
      });
    }
    export const cache = new Map<string, number>();
    export function spoil(key: string): number {
      cache.set(key, key.length > 2 ? 3 : 0);
      return cache.size;
    }
    export function unreached(): string {
      return "unreached";
    }
    export function rejectIf(fails: boolean): void {
      if (!fails) return;
      void Promise.reject(new Error("rejected"));
    }
  `,
  "src/policy/none.ts": "export {};",
  "tests/policy/none_test.ts": "",
  "tests/issues/none_test.ts": "",
  "tests/structure_test.ts": "",
  "tests/mutation/conformance_cases.ts": "",
  "tests/mutation/model_histories.ts": "",
  "tests/breaker/sample_test.ts": `
    import assert from "node:assert/strict";
    import { cache, countTo, GREETING, isPositive, later, rejectIf, spoil } from "../../mod.ts";
    Deno.test("greets", () => assert.equal(GREETING, "hello"));
    Deno.test("tells what is positive", () => {
      assert.equal(isPositive(2), true);
      assert.equal(isPositive(-2), false);
    });
    Deno.test({ name: "counts", fn: () => assert.equal(countTo(3), 3) });
    Deno.test("waits", async (t) => {
      await t.step("a millisecond", async () => assert.equal(await later("value"), "value"));
    });
    Deno.test("has nothing in its cache but what is right", () => {
      assert([...cache.values()].every((value) => value === 3));
      spoil("key");
      assert([...cache.values()].every((value) => value === 3));
    });
    Deno.test("leaves no rejection unhandled", () => rejectIf(false));
    Deno.test({ name: "is not run", ignore: true, fn: () => assert.fail() });
  `,
};

async function judged(): Promise<Result[]> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "mutation-test-")));
  try {
    for (const entry of await readdir(HERE)) {
      await cp(join(HERE, entry), join(root, "tests/mutation", entry));
    }
    for (const [path, text] of Object.entries(TREE)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    const results: Result[] = [];
    const run = new MutationRun(root, {
      jobs: 1,
      onResult: (result) => {
        results.push(result);
      },
    });
    const mutants = await instrumentTree(root);
    assert.equal((await run.cover(mutants)).tests, 6);
    await run.judge(mutants);
    assert.equal(results.length, mutants.length);
    return results;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

Deno.test("each mutant of a small tree meets the end that it must", async () => {
  const results = await judged();
  const find = (change: string): Result | undefined =>
    results.find(({ mutant }) => `${mutant.original} -> ${mutant.replacement}` === change);
  const ENDS: Record<string, Result["status"]> = {
    // acts when the module is loaded, so that only a process of its own can show it
    '"hello" -> ""': "killed",
    '"unread" -> ""': "survived",
    "value > 0 -> true": "killed",
    "value > 0 -> value <= 0": "killed",
    "value > 0 -> value >= 0": "survived",
    // turns for ever
    "count++ -> count--": "timeout",
    "count < end -> false": "killed",
    "() => resolve(value) -> () => undefined": "timeout", // waits for ever
    "{ setTimeout(() => resolve(value), 1); } -> {}": "timeout",
    // makes its test fail for ever after in the same process, the next mutant must not feel it
    "key.length > 2 -> false": "killed",
    "key.length > 2 -> key.length >= 2": "survived",
    '{ return "unreached"; } -> {}': "uncovered",
    "!fails -> false": "killed", // by a rejection that nobody handles, after the test
  };
  for (const [change, end] of Object.entries(ENDS)) {
    assert.equal(find(change)?.status, end, change);
  }
  assert.match(find("value > 0 -> true")?.by ?? "", /sample_test\.ts: tells what is/);
  const { file, line, lineText, mutator } = find("count++ -> count--")?.mutant ?? {};
  assert.deepEqual([file, line, lineText, mutator], [
    ...["src/breaker/sample.ts", 9, "while (count < end) count++;", "UpdateOperator"],
  ]);
});

function result(status: Result["status"], replacement: string): Result {
  const mutant = {
    ...{ id: replacement, file: "src/breaker/a.ts", line: 7, column: 3, mutator: "StringLiteral" },
    ...{ lineText: 'return "a";', original: '"a"', replacement },
  };
  return { mutant, status };
}

function entry(replacement: string): Equivalent {
  const line = 'return "a";';
  return { file: "src/breaker/a.ts", line, original: '"a"', replacement, reason: "why" };
}

const RESULTS = [
  result("killed", "1"),
  result("timeout", "2"),
  result("survived", "3"),
  result("uncovered", "4"),
];

Deno.test("survivors are listed or not, and an entry without a survivor is stale", () => {
  const survivors = RESULTS.slice(2);
  const files = new Set(["src/breaker/a.ts"]);
  const equivalents = [entry("3"), entry("1"), { ...entry("9"), file: "src/breaker/other.ts" }];
  const sorted = judgeSurvivors(survivors, { equivalents, files });
  assert.deepEqual(sorted.listed, [RESULTS[2]]);
  assert.deepEqual(sorted.unlisted, [RESULTS[3]]);
  assert.deepEqual(sorted.stale, [entry("1")]);
  const report = reportOf(RESULTS, sorted);
  assert.match(
    report,
    /mutant 4, which no test reaches: src\/breaker\/a\.ts:7:3 \[StringLiteral\]/,
  );
  assert.match(report, /match no survivor:\n {2}src\/breaker\/a\.ts: "a" -> 1 in return "a";/);
  assert.match(report, /raw score 50\.00 %, score 66\.66 %$/);
});

Deno.test("the score counts what was detected, equivalents left out", () => {
  const { rawScore, score, ...counts } = totalsOf(RESULTS, RESULTS.slice(2, 3));
  assert.deepEqual(counts, {
    ...{ mutants: 4, killed: 1, timeouts: 1, survived: 1, uncovered: 1, equivalent: 1 },
  });
  assert.deepEqual([rawScore, score], [0.5, 2 / 3]);
  assert.equal(totalsOf([], []).score, 1);
});

Deno.test("a list of equivalents that lacks something is refused with the place", () => {
  assert.deepEqual(parseEquivalents(JSON.stringify([entry("")])), [entry("")]);
  const bad: [unknown, RegExp][] = [
    [{}, /not an array/],
    [[7], /entry 1: "file" must be a text/],
    [[entry("1"), { ...entry("2"), reason: "" }], /entry 2: "reason" must be a text/],
    [[{ ...entry("1"), line: 7 }], /entry 1: "line" must be a text/],
  ];
  for (const [list, message] of bad) {
    assert.throws(() => parseEquivalents(JSON.stringify(list)), { name: "TypeError", message });
  }
});
