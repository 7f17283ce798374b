import { plain } from "../paint.ts";
import { plainDuration } from "../plain_duration.ts";
import { happeningLine } from "./frame.ts";
import type { Tally } from "./ledger.ts";
import { seconds } from "./seconds.ts";
import { stateAt } from "./state_strip.ts";
import type { DemoDisplay, DemoView } from "./view.ts";

const HEAD = "    time  state      calls   ok  failed  refused  probes" +
  " | without:  ok  failed  waiting | policy";

/** Writes a line for each finished row and each happening, for files and pipes. */
export class PlainDisplay implements DemoDisplay {
  readonly #write: (text: string) => void;
  #rows = 0;
  #happenings = 0;
  #phases = 0;

  /** Creates a display that has written nothing yet. */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** As {@linkcode DemoDisplay.update}. */
  update(view: DemoView, isLast: boolean): void {
    const { scenario, elapsedMs, happenings, phases } = view;
    const rows = isLast
      ? view.sides.guarded.tallies.length
      : Math.floor(elapsedMs / scenario.rowMs);
    if (this.#phases === 0) this.#write(`${titleLine(view)}\n\n`);
    const news = [
      ...phases.slice(this.#phases).map(({ phase, sinceMs }) => ({
        atMs: sinceMs,
        lines: [`${phase.name}: ${phase.story}`, HEAD],
      })),
      ...happenings.slice(this.#happenings).map((happening) => ({
        atMs: happening.atMs,
        lines: [happeningLine(happening, plain)],
      })),
      ...Array.from({ length: Math.max(0, rows - this.#rows) }, (_, index) => ({
        atMs: (this.#rows + index + 1) * scenario.rowMs,
        lines: [rowLine(view, this.#rows + index)],
      })),
    ];
    news.sort((a, b) => a.atMs - b.atMs);
    for (const line of news.flatMap(({ lines }) => lines)) this.#write(`${line}\n`);
    this.#rows = Math.max(this.#rows, rows);
    this.#happenings = happenings.length;
    this.#phases = phases.length;
  }
}

function titleLine({ scenario, url, breaker }: DemoView): string {
  return `Switchgear demo: ${scenario.callsPerSecond} real HTTP calls a second to ${url} through ` +
    `the breaker "${breaker}", and the same to a second service without one`;
}

/** One row as a plain line. */
function rowLine(view: DemoView, row: number): string {
  const { scenario, happenings, elapsedMs, sides, policy } = view;
  const endMs = Math.min((row + 1) * scenario.rowMs, elapsedMs);
  const guarded: Partial<Tally> = sides.guarded.tallies[row] ?? {};
  const bare: Partial<Tally> = sides.bare.tallies[row] ?? {};
  return [
    seconds(endMs).padStart(8),
    `  ${stateAt(happenings, endMs).padEnd(9)}`,
    cell(guarded.asked, 7),
    cell(guarded.ok, 5),
    cell(guarded.failed, 8),
    cell(guarded.refused, 9),
    cell(guarded.probes, 8),
    " |         ",
    cell(bare.ok, 4),
    cell(bare.failed, 8),
    cell(bare.waiting, 9),
    ` | opens at ${policy.failureThreshold} in a row, for ${
      plainDuration(policy.openStateTimeout)
    }`,
  ].join("");
}

function cell(count: number | undefined, width: number): string {
  return String(count ?? 0).padStart(width);
}
