import assert from "node:assert/strict";
import { barCells } from "../../cli/demo/bar.ts";
import type { Happening } from "../../cli/demo/happening.ts";
import { Ledger } from "../../cli/demo/ledger.ts";
import { percentile } from "../../cli/demo/percentiles.ts";
import { reportOf } from "../../cli/demo/report.ts";
import { reportLines } from "../../cli/demo/report_lines.ts";
import { FULL } from "../../cli/demo/scenario.ts";
import { verdict } from "../../cli/demo/verdict.ts";
import { fit, inColor, plain, visibleWidth } from "../../cli/paint.ts";
import { demoView, HAPPENINGS } from "./demo_view.ts";

const HUNDRED = Array.from({ length: 100 }, (_, index) => 100 - index);

const PERCENTILES: readonly (readonly [readonly number[], number, number | undefined])[] = [
  [[], 0.5, undefined],
  [[7], 0.5, 7],
  [[7], 0.99, 7],
  [[3, 1, 2], 0.5, 2],
  [[4, 3, 2, 1], 0.5, 2],
  [HUNDRED, 0.5, 50],
  [HUNDRED, 0.99, 99],
  [HUNDRED, 1, 100],
  [[10, 9, 100], 0.99, 100],
];

for (const [values, share, expected] of PERCENTILES) {
  Deno.test(`percentile: ${share} of ${values.length} values is ${expected}`, () => {
    assert.equal(percentile(values, share), expected);
  });
}

const BARS: readonly (readonly [readonly number[], number, number, readonly number[]])[] = [
  [[40, 0, 0], 40, 20, [20, 0, 0]],
  [[20, 20, 0], 40, 20, [10, 10, 0]],
  [[39, 1, 0], 40, 10, [9, 1, 0]],
  [[0, 0, 1], 1000, 10, [0, 0, 1]],
  [[60, 20, 0], 40, 8, [6, 2, 0]],
  [[0, 0, 0], 40, 10, [0, 0, 0]],
];

for (const [amounts, full, width, cells] of BARS) {
  Deno.test(`bar: ${amounts} of ${full} on ${width} cells takes ${cells}`, () => {
    assert.deepEqual(barCells(amounts, full, width), cells);
  });
}

Deno.test("paint: width and cutting see characters, not escape sequences", () => {
  const text = `${inColor("red", "open")} now`;
  assert.equal(visibleWidth(text), 8);
  assert.equal(fit(text, 2), "\x1b[31mop\x1b[0m");
  assert.equal(fit(text, 8), text);
});

Deno.test("ledger: calls count where they were asked, endings where they ended", () => {
  const ledger = new Ledger();
  ledger.asked(900);
  ledger.asked(950);
  ledger.ended({ askedMs: 900, endedMs: 990, ending: "ok", probe: false });
  ledger.ended({ askedMs: 950, endedMs: 1950, ending: "failed", probe: true });
  assert.deepEqual(ledger.tallies(1000, 1999), [
    { asked: 2, ok: 1, failed: 0, refused: 0, probes: 0, waiting: 1 },
    { asked: 0, ok: 0, failed: 1, refused: 0, probes: 1, waiting: 0 },
  ]);
});

const REPORT = reportOf(demoView());

Deno.test("report: sums up what the callers of each side have seen", () => {
  assert.deepEqual(REPORT.callers, {
    guarded: {
      calls: 80,
      succeeded: 40,
      failed: 5,
      refused: 35,
      p50Ms: 20,
      p99Ms: 60,
      sentP99Ms: 60,
      waitedMs: 40 * 20 + 5 * 60,
    },
    bare: {
      calls: 120,
      succeeded: 40,
      failed: 80,
      refused: 0,
      p50Ms: 60,
      p99Ms: 1000,
      sentP99Ms: 1000,
      waitedMs: 40 * 20 + 40 * 60 + 40 * 1000,
    },
  });
});

Deno.test("report: what was spared is the difference that the services counted in trouble", () => {
  assert.deepEqual(REPORT.inTrouble, { guarded: 5, bare: 80, spared: 75 });
});

Deno.test("report: its lines hold the comparison, every transition with its reason, and the checks", () => {
  const text = reportLines(REPORT, 80, plain).join("\n");
  assert.match(text, /latency p50, from asking to answer +20 ms +60 ms\n/);
  assert.match(text, /latency p99 +60 ms +1,000 ms\n/);
  assert.match(text, /time spent waiting, all calls +1\.1 s +43\.2 s\n/);
  assert.match(text, /spared: 75 of 80 calls \(94 %\)/);
  assert.equal(text.match(/ s {2}[a-z-]+ -> [a-z-]+ {2}/g)?.length, 5);
  assert.match(text, /2\.2 s {2}half-open -> open +the probe failed\n/);
  assert.equal(text.match(/^ {2}yes {2}/gm)?.length, 4);
});

Deno.test("report: a mishap is shown", () => {
  const happenings: Happening[] = [
    ...HAPPENINGS,
    { kind: "mishap", atMs: 3500, message: "Policy was refused" },
  ];
  const text = reportLines(reportOf(demoView({ happenings })), 80, plain).join("\n");
  assert.match(text, /3\.5 s {2}mishap +Policy was refused/);
});

Deno.test("verdict: a demo that went as it should passes", () => {
  assert.deepEqual(verdict(HAPPENINGS, FULL).filter(({ passed }) => !passed), []);
  assert.equal(verdict(HAPPENINGS, FULL).length, 4);
});

const OPENED = "The breaker opened";
const THRESHOLD = "It obeyed the edited failureThreshold";
const OPEN_TIME = "It obeyed the edited openStateTimeout";
const CLOSED = "It closed again";

const MISSES: readonly {
  readonly name: string;
  readonly happenings: readonly Happening[];
  readonly failed: readonly string[];
}[] = [
  { name: "nothing happened", happenings: [], failed: [OPENED, THRESHOLD, OPEN_TIME, CLOSED] },
  {
    name: "it opened at the old threshold",
    happenings: HAPPENINGS.map((happening) =>
      happening.kind === "transition" && happening.cause === "tripped"
        ? { ...happening, threshold: 10 }
        : happening
    ),
    failed: [THRESHOLD],
  },
  {
    name: "the second edit never came into force",
    happenings: HAPPENINGS.filter(({ kind, atMs }) => kind !== "policy" || atMs !== 2000),
    failed: [OPEN_TIME],
  },
  {
    name: "it stayed open for longer than the edit says",
    happenings: HAPPENINGS.map((happening) =>
      happening.atMs === 3200 ? { ...happening, atMs: 3290 } : happening
    ),
    failed: [OPEN_TIME],
  },
  {
    name: "it was not open after the edit",
    happenings: HAPPENINGS.filter(({ atMs }) => atMs !== 2200 && atMs !== 3200),
    failed: [OPEN_TIME],
  },
  { name: "it did not close", happenings: HAPPENINGS.slice(0, -1), failed: [CLOSED] },
];

for (const { name, happenings, failed } of MISSES) {
  Deno.test(`verdict: fails where ${name}, and says what did not happen`, () => {
    const missed = verdict(happenings, FULL).filter(({ passed }) => !passed);
    assert.deepEqual(missed.map(({ name }) => name), failed);
    const report = reportOf(demoView({ happenings }));
    assert.equal(report.passed, false);
    const text = reportLines(report, 120, plain).join("\n");
    for (const name of failed) assert.match(text, new RegExp(`^  NO   ${name}: `, "m"));
  });
}
