import type { Command } from "./command.ts";
import { LiveDisplay } from "./demo/live_display.ts";
import { PlainDisplay } from "./demo/plain_display.ts";
import { type Report, reportOf } from "./demo/report.ts";
import { reportLines } from "./demo/report_lines.ts";
import { runDemo } from "./demo/run_demo.ts";
import { FAST, FULL } from "./demo/scenario.ts";
import type { DemoDisplay } from "./demo/view.ts";
import { Interruption } from "./interruption.ts";
import type { CliIo } from "./io.ts";
import { inColor, type Paint, plain } from "./paint.ts";
import { UsageError } from "./usage_error.ts";

const DEFAULT_COLUMNS = 80;
const NO_DISPLAY: DemoDisplay = { update: () => {} };

/** `switchgear demo`: a breaker at work on real HTTP calls. */
export const DEMO: Command = {
  name: "demo",
  summary: "show a breaker at work on real HTTP calls, beside the same calls without one",
  operands: "",
  options: {
    fast: { type: "boolean", description: "the same in under 10 s instead of about 30" },
    json: { type: "boolean", description: "print nothing but the closing report, as JSON" },
  },
  details: [
    "Two HTTP services on the loopback interface are healthy, then fail, then hang, then recover.",
    "Both get the same calls, the one through a breaker whose policy file is edited meanwhile.",
    "",
    "Exit status: 0 the breaker opened, obeyed the edited policy and closed again; 1 it did not;",
    "2 wrong usage; 130 interrupted (Ctrl-C), with nothing left behind.",
  ],
  run: async ({ operands, flags }, io) => {
    const [unexpected] = operands;
    if (unexpected !== undefined) {
      throw new UsageError(`Unexpected argument ${JSON.stringify(unexpected)}`);
    }
    using interruption = new Interruption();
    try {
      const scenario = flags.has("fast") ? FAST : FULL;
      const paint = io.color ? inColor : plain;
      using shown = displayOn(io, paint, flags.has("json"));
      const report = reportOf(await runDemo(scenario, shown.display, interruption.signal));
      writeReport(report, io, paint, flags.has("json"));
      return report.passed ? 0 : 1;
    } catch (error) {
      if (interruption.status === undefined) throw error;
      // After the "^C" that a terminal shows.
      if (io.terminal !== undefined) io.stderr("\n");
      io.stderr("Interrupted; the services, the calls and the policy folder are gone.\n");
      return interruption.status;
    }
  },
};

function displayOn(
  { terminal, stdout }: CliIo,
  paint: Paint,
  isSilent: boolean,
): Disposable & { readonly display: DemoDisplay } {
  const nothing = { [Symbol.dispose]: () => {} };
  if (isSilent) return { display: NO_DISPLAY, ...nothing };
  if (terminal === undefined) return { display: new PlainDisplay(stdout), ...nothing };
  const display = new LiveDisplay(stdout, terminal, paint);
  return { display, [Symbol.dispose]: () => display[Symbol.dispose]() };
}

function writeReport(report: Report, io: CliIo, paint: Paint, asJson: boolean): void {
  const columns = io.terminal?.columns ?? DEFAULT_COLUMNS;
  const lines = asJson
    ? [JSON.stringify(report, null, 2)]
    : ["", ...reportLines(report, columns, paint)];
  io.stdout(lines.map((line) => `${line}\n`).join(""));
}
