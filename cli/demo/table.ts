import type { StateName } from "../../src/breaker/events/state_name.ts";
import type { Hue, Paint } from "../paint.ts";
import { barCells } from "./bar.ts";
import type { Tally } from "./ledger.ts";
import { stateStrip } from "./state_strip.ts";
import type { DemoView } from "./view.ts";

/** The hue of each state, wherever it is named. */
export const STATE_HUES: Readonly<Record<StateName, Hue>> = {
  "closed": "green",
  "half-open": "yellow",
  "open": "red",
};

/** The states as heights, so that they can be told apart without colour too. */
const STATE_GLYPHS: Readonly<Record<StateName, string>> = {
  "closed": "▁",
  "half-open": "▄",
  "open": "█",
};

const STATES: readonly StateName[] = ["closed", "half-open", "open"];

/** How a bar shows each ending, in the order in which it stacks them. */
const BAR_PARTS = [
  { ending: "ok", glyph: "█", hue: "green" },
  { ending: "failed", glyph: "▓", hue: "red" },
  { ending: "refused", glyph: "░", hue: "cyan" },
] as const;

/** The columns of numbers, each with its width. */
const NUMBERS = [
  { head: "time", width: 6 },
  { head: "calls", width: 7 },
  { head: "ok", width: 5, hue: "green" },
  { head: "failed", width: 8, hue: "red" },
  { head: "refused", width: 9, hue: "cyan" },
] as const;
const NUMBERS_WIDTH = NUMBERS.reduce((sum, { width }) => sum + width, 0);
const STRIP_WIDTH = 10;
const MAX_BAR_WIDTH = 40;
const MIN_BAR_WIDTH = 8;
const WAITING_WIDTH = 7;
const GAP = "  ";

/** Which columns there is room for besides the numbers; a width of 0: none. */
interface Layout {
  readonly strip: number;
  readonly guardedBar: number;
  readonly bareBar: number;
  readonly waiting: number;
}

/** What explains the glyphs of the table. */
export function legend(paint: Paint): string {
  const parts = BAR_PARTS.map(({ ending, glyph, hue }) => `${paint(hue, glyph)} ${ending}`);
  const states = STATES.map((state) => `${paint(STATE_HUES[state], STATE_GLYPHS[state])} ${state}`);
  return [...parts, ...states].join(GAP);
}

/** The table's head, for a terminal of that many columns. */
export function tableHead(columns: number, paint: Paint): string {
  const { strip, guardedBar, bareBar, waiting } = layoutFor(columns);
  const cells = [
    NUMBERS.map(({ head, width }) => head.padStart(width)).join(""),
    "state".padEnd(strip).slice(0, strip),
    "with breaker".slice(0, guardedBar).padEnd(guardedBar),
    "without".slice(0, bareBar).padEnd(bareBar),
    "waiting".slice(0, waiting),
  ];
  return paint("dim", cells.filter((cell) => cell !== "").join(GAP).trimEnd());
}

/** The table's rows, one for each row's time, for a terminal of that many columns. */
export function tableRows(view: DemoView, columns: number, paint: Paint): readonly string[] {
  const layout = layoutFor(columns);
  const full = view.scenario.callsPerSecond * view.scenario.rowMs / 1000;
  return view.sides.guarded.tallies.map((guarded, index) => {
    const { asked, ok, failed, refused } = guarded;
    const endMs = Math.min((index + 1) * view.scenario.rowMs, view.elapsedMs);
    const bare = view.sides.bare.tallies[index];
    return [
      numbers([(endMs / 1000).toFixed(1), asked, ok, failed, refused], paint),
      strip(view, index, layout.strip, paint),
      bar(guarded, full, layout.guardedBar, paint),
      bar(bare, full, layout.bareBar, paint),
      layout.waiting === 0 ? "" : String(bare?.waiting ?? 0).padStart(layout.waiting),
    ].filter((cell) => cell !== "").join(GAP).trimEnd();
  });
}

/** The states during one row; what is still to come stays empty. */
function strip(view: DemoView, row: number, width: number, paint: Paint): string {
  const { scenario: { rowMs }, happenings, elapsedMs } = view;
  const past = Math.ceil(width * Math.min(1, (elapsedMs - row * rowMs) / rowMs));
  return stateStrip(happenings, row * rowMs, (row + 1) * rowMs, width)
    .slice(0, past)
    .map((state) => paint(STATE_HUES[state], STATE_GLYPHS[state]))
    .join("") + " ".repeat(width - past);
}

function numbers(values: readonly (string | number)[], paint: Paint): string {
  return NUMBERS.map((column, index) => {
    const value = values[index] ?? 0;
    const cell = String(value).padStart(column.width);
    if (value === 0) return paint("dim", cell);
    return "hue" in column ? paint(column.hue, cell) : cell;
  }).join("");
}

function bar(tally: Tally | undefined, full: number, width: number, paint: Paint): string {
  if (width === 0 || tally === undefined) return "";
  const cells = barCells(BAR_PARTS.map(({ ending }) => tally[ending]), full, width);
  const used = cells.reduce((sum, cell) => sum + cell, 0);
  const parts = BAR_PARTS.map(({ glyph, hue }, index) =>
    paint(hue, glyph.repeat(cells[index] ?? 0))
  );
  return parts.join("") + " ".repeat(width - used);
}

function layoutFor(columns: number): Layout {
  const strip = columns >= NUMBERS_WIDTH + GAP.length + STRIP_WIDTH ? STRIP_WIDTH : 0;
  const waiting = columns >= 92 ? WAITING_WIDTH : 0;
  const room = columns - NUMBERS_WIDTH - widthWithGap(strip) - widthWithGap(waiting);
  const half = Math.min(MAX_BAR_WIDTH, Math.floor(room / 2) - GAP.length);
  if (half >= MIN_BAR_WIDTH) return { strip, guardedBar: half, bareBar: half, waiting };
  const whole = Math.min(MAX_BAR_WIDTH, room - GAP.length);
  return { strip, guardedBar: whole >= MIN_BAR_WIDTH ? whole : 0, bareBar: 0, waiting };
}

function widthWithGap(width: number): number {
  return width === 0 ? 0 : width + GAP.length;
}
