import assert from "node:assert/strict";
import { comparisonPanels, renderComparison } from "../../bench/report/comparison_svg.ts";
import { Figures } from "../../bench/report/figures.ts";
import { roundSample } from "./round_sample.ts";

Deno.test("the comparison draws what was measured, and no panel of what was not", () => {
  const panels = comparisonPanels(
    new Figures([
      roundSample(0, "peers/closed, success/bare call", 10),
      roundSample(0, "peers/closed, success/switchgear, consecutive", 60),
      roundSample(0, "peers/closed, success/opossum", 1_710),
    ]),
  );
  assert.deepEqual(panels.map(({ bars }) => bars), [[
    { label: "Switchgear", value: 50 },
    { label: "opossum, timeout (default)", value: 1_700 },
  ]]);
  const svg = renderComparison(panels);
  assert.match(svg, /^<svg [^>]*viewBox="0 0 760 \d+"/);
  assert.match(svg, /prefers-color-scheme: dark/);
  assert.equal(svg.match(/<rect class="ours"/g)?.length, 1);
  assert.match(svg, />1\.70 µs</);
});

Deno.test("bars are longer the more they stand for, and stay inside", () => {
  const bars = [1, 10, 100, 1_000].map((value) => ({ label: `${value} < & >`, value }));
  const svg = renderComparison([{ title: "t", unit: "ns", bars }]);
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) =>
    Number(width)
  );
  assert.deepEqual(widths, widths.toSorted((a, b) => a - b));
  assert.equal(new Set(widths).size, 4);
  assert(Math.max(...widths) <= 480);
  assert.match(svg, /1 &lt; &amp; >/);
});
