import assert from "node:assert/strict";
import { parseDemo } from "../bench/demo_svg/parse_demo.ts";
import { renderDemo } from "../bench/demo_svg/render_demo.ts";

const PRINTED = `Switchgear demo: 40 real HTTP calls a second

healthy: The service answers within 40 ms.
    time  state      calls   ok  failed  refused  probes | without:  ok  failed  waiting | policy
   1.0 s  closed        38   37       0        0       0 |           36       0        2 | opens at 10 in a row, for 5s
   1.5 s  file edited          failureThreshold 10 -> 5
failing: The service answers every call with status 500.
    time  state      calls   ok  failed  refused  probes | without:  ok  failed  waiting | policy
   1.2 s  closed -> open       failureThreshold 5 reached 5
   2.0 s  half-open     40    4       7       30       1 |            4      35        1 | opens at 5 in a row, for 5s
   2.1 s  half-open      5    6       0        0       0 |            6       0        0 | opens at 5 in a row, for 5s

What callers saw                      with breaker       without
  calls made                                 1,123         1,124
  latency p99                                62 ms        805 ms
  time spent waiting, all calls             17.6 s       287.8 s

What the service counted              with breaker       without
  spared: 549 of 561 calls (98 %)
`;

Deno.test("what the demo prints is read: whole seconds, phases, and how it closes", () => {
  assert.deepEqual(parseDemo(PRINTED), {
    rows: [
      {
        state: "closed",
        guarded: { ok: 37, failed: 0, refused: 0 },
        bare: { ok: 36, failed: 0, waiting: 2 },
      },
      {
        state: "half-open",
        guarded: { ok: 4, failed: 7, refused: 30 },
        bare: { ok: 4, failed: 35, waiting: 1 },
      },
    ],
    phases: [{ name: "healthy", row: 0 }, { name: "failing", row: 1 }],
    totals: new Map([
      ["calls made", ["1,123", "1,124"]],
      ["latency p99", ["62 ms", "805 ms"]],
      ["time spent waiting, all calls", ["17.6 s", "287.8 s"]],
    ]),
    spared: "549 of 561 calls (98 %)",
  });
});

Deno.test("a demo that was cut short is not drawn", () => {
  assert.throws(() => parseDemo(PRINTED.slice(0, 600)), /not what a whole run of it prints/);
  assert.throws(() => parseDemo(""), /not what a whole run of it prints/);
});

Deno.test("each second is drawn with a bar per kind of call, in proportion, and the state below it", () => {
  const svg = renderDemo(parseDemo(PRINTED));
  const heights = (kind: string): number[] =>
    [...svg.matchAll(new RegExp(`<rect class="${kind}"[^>]* height="([\\d.]+)"`, "g"))].map((
      [, height],
    ) => Number(height));
  const LEGEND = 12;
  assert.deepEqual(heights("refused"), [45, LEGEND]); // 30 calls
  assert.deepEqual(heights("failed"), [10.5, 52.5, LEGEND]); // 7 and 35
  assert.equal(heights("half-open").length, 2); // the second second, and the legend
  assert.match(svg, /spared 549 of 561 calls \(98 %\)/);
  assert.match(svg, /17\.6 s rather than 287\.8 s; 99th percentile 62 ms rather than 805 ms/);
});
