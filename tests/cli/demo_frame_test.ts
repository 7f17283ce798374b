import assert from "node:assert/strict";
import { frame } from "../../cli/demo/frame.ts";
import { LiveDisplay } from "../../cli/demo/live_display.ts";
import { PlainDisplay } from "../../cli/demo/plain_display.ts";
import { inColor, plain, visibleWidth } from "../../cli/paint.ts";
import { demoView, HAPPENINGS, START_POLICY } from "./demo_view.ts";

Deno.test("demo frame: says what goes on, the breaker's state and its policy", () => {
  const lines = frame(demoView(), { columns: 100, rows: 40 }, plain);
  assert.match(lines[0] ?? "", /^Switchgear demo {2}40 real HTTP calls a second +4\.0 s$/);
  const text = lines.join("\n");
  assert.match(text, /service {2}✓ healthy {2}✓ failing {2}✓ hanging {2}▶ recovered\n/);
  assert.match(text, /The service answers again within 40 ms\./);
  assert.match(text, /breaker {2}"inventory" is closed: calls flow\n/);
  assert.match(text, /policy {3}failureThreshold 5 {2}openStateTimeout 1s {2}successThreshold 3/);
});

Deno.test("demo frame: a row has the calls, how they ended, the state in slices and a bar each", () => {
  const lines = frame(demoView(), { columns: 119, rows: 40 }, plain);
  const head = lines.findIndex((line) => line.trimStart().startsWith("time"));
  assert.match(lines[head] ?? "", /time +calls +ok +failed +refused +state +with breaker +without/);
  assert.match(lines[head + 1] ?? "", /^ +1\.0 +40 +40 +0 +0 {2}▁{10} {2}█{29} {2}█{29} +0$/);
  assert.match(lines[head + 2] ?? "", /^ +2\.0 +40 +0 +5 +35 {2}▁█{9} {2}▓{4}░{25} {2}▓{29} +0$/);
  assert.match(lines[head + 3] ?? "", /^ +3\.0 +0 +0 +0 +0 {2}█▄▄█{7} +40$/);
  assert.match(lines[head + 4] ?? "", /^ +4\.0 +0 +0 +0 +0 {2}██▄▄▁{6} +▓{29} +0$/);
});

Deno.test("demo frame: happenings stand with their time and reason", () => {
  const text = frame(demoView(), { columns: 100, rows: 40 }, plain).join("\n");
  assert.match(text, / 1\.1 s {2}closed -> open +failureThreshold 5 reached 5\n/);
  assert.match(text, / 1\.9 s {2}file edited +openStateTimeout 5s -> 1s\n/);
  assert.match(text, / 2\.0 s {2}policy in force +openStateTimeout 5s -> 1s, 100 ms later\n/);
});

const BREAKER_LINES = [
  {
    name: "open, with the time to go and what tripped it",
    view: demoView({
      state: "open",
      peek: {
        admitted: false,
        breaker: "inventory",
        state: "open",
        reason: "open",
        retryAfterMs: 800,
        trip: {
          criterion: "failureThreshold",
          observed: 5,
          threshold: 5,
          at: 0,
          counts: {
            calls: 5,
            successes: 0,
            failures: 5,
            slow: 0,
            timeouts: 0,
            consecutiveFailures: 5,
          },
        },
      },
    }),
    line: '"inventory" is open, 0.8 s to go (failureThreshold 5 reached 5)',
  },
  {
    name: "half-open",
    view: demoView({ state: "half-open" }),
    line: '"inventory" is half-open: the next call is a probe',
  },
  {
    name: "half-open with a probe in flight",
    view: demoView({
      state: "half-open",
      peek: { admitted: false, breaker: "inventory", state: "half-open", reason: "probing" },
    }),
    line: '"inventory" is half-open: a probe is on its way, others are refused',
  },
  {
    name: "held",
    view: demoView({
      peek: {
        ...{ admitted: false, breaker: "inventory", state: "closed", reason: "held" },
        ...{ retryAfterMs: 2_000, heldForMs: 2_000 },
      },
    }),
    line: '"inventory" is closed and held for 2.0 s: all calls are refused',
  },
];

for (const { name, view, line } of BREAKER_LINES) {
  Deno.test(`demo frame: the breaker is shown ${name}`, () => {
    const lines = frame(view, { columns: 100, rows: 40 }, plain);
    assert.ok(lines.includes(`  breaker  ${line}`), lines.join("\n"));
  });
}

for (const columns of [20, 40, 48, 60, 79, 119, 200]) {
  for (const rows of [8, 23, 39]) {
    Deno.test(`demo frame: fits ${columns} columns and ${rows} lines, in colour too`, () => {
      const lines = frame(demoView(), { columns, rows }, inColor);
      assert.ok(lines.length <= rows);
      assert.ok(lines.length >= Math.min(rows, 12));
      for (const line of lines) assert.ok(visibleWidth(line) <= columns, line);
    });
  }
}

Deno.test("demo frame: where lines are short, the newest rows and happenings stay", () => {
  const lines = frame(demoView(), { columns: 79, rows: 17 }, plain).join("\n");
  assert.match(lines, /^ +4\.0 /m);
  assert.doesNotMatch(lines, /^ +1\.0 /m);
  assert.match(lines, /half-open -> closed/);
  assert.doesNotMatch(lines, /0\.5 s {2}file edited/);
});

Deno.test("demo frame: states have their colours, and no colour means no escape sequence", () => {
  const size = { columns: 100, rows: 40 };
  const colored = frame(demoView(), size, inColor).join("\n");
  for (
    const words of ["\x1b[31mclosed -> open", "\x1b[33mopen -> half-open", "\x1b[32mhalf-open ->"]
  ) {
    assert.ok(colored.includes(words), JSON.stringify(colored));
  }
  assert.ok(!frame(demoView(), size, plain).join("\n").includes("\x1b"));
});

Deno.test("demo frame: an edited value of the policy stands out", () => {
  const text = frame(demoView(), { columns: 100, rows: 40 }, inColor).join("\n");
  assert.ok(text.includes("failureThreshold \x1b[36m5\x1b[0m"), text);
  assert.match(text, /successThreshold 3/);
});

Deno.test("live display: draws over the frame before, and gives the cursor back", () => {
  let written = "";
  const terminal = { columns: 80, rows: 24 };
  {
    using display = new LiveDisplay((text) => void (written += text), terminal, plain);
    assert.equal(written, "\x1b[?25l");
    written = "";
    display.update(demoView({ elapsedMs: 1000 }), false);
    const height = written.split("\n").length - 1;
    assert.ok(height > 10 && height < 24);
    written = "";
    display.update(demoView({ elapsedMs: 1100 }), false);
    assert.equal(written, "", "a tenth of a second later is too soon");
    display.update(demoView({ elapsedMs: 1200 }), false);
    assert.ok(written.startsWith(`\x1b[${height}A\r`));
    terminal.columns = 60;
    written = "";
    display.update(demoView({ elapsedMs: 1400 }), false);
    assert.ok(written.startsWith("\x1b[2J\x1b[H"), "a narrower terminal is cleared");
    written = "";
  }
  assert.equal(written, "\x1b[?25h");
});

Deno.test("live display: the last frame is whole, however low the terminal is", () => {
  let written = "";
  using display = new LiveDisplay(
    (text) => void (written += text),
    { columns: 80, rows: 10 },
    plain,
  );
  display.update(demoView(), true);
  assert.match(written, /^ +1\.0 /m);
  assert.match(written, /file edited/);
});

Deno.test("plain display: each phase, row and happening once, in order, without escape sequences", () => {
  let written = "";
  const display = new PlainDisplay((text) => void (written += text));
  const view = demoView();
  const early = {
    elapsedMs: 1050,
    phases: view.phases.slice(0, 2),
    happenings: HAPPENINGS.slice(0, 2),
    policy: START_POLICY,
  };
  display.update(demoView(early), false);
  display.update(demoView(early), false);
  const before = written;
  display.update(view, true);
  assert.ok(written.startsWith(before));
  assert.ok(!written.includes("\x1b"));
  const order = [
    "Switchgear demo: 40",
    "healthy: ",
    "   0.5 s  file edited",
    "   0.6 s  policy in force",
    "failing: ",
    "   1.0 s  closed",
    "   1.1 s  closed -> open",
    "hanging: ",
    "   2.0 s  open",
    "   2.1 s  open -> half-open",
    "   3.3 s  half-open -> closed",
    "   4.0 s  closed",
  ];
  const found = written.split("\n").map((line) => order.find((words) => line.startsWith(words)))
    .filter((words) => words !== undefined);
  assert.deepEqual(found, order);
  assert.match(written, /1\.0 s {2}closed {8}40 {3}40 {7}0 .* \| opens at 10 in a row, for 5s\n/);
  assert.match(written, /4\.0 s {2}closed .* \| opens at 5 in a row, for 1s\n/);
});
