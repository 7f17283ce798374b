import { describeTrip } from "../../src/breaker/trip/trip.ts";
import { fit, type Hue, type Paint, visibleWidth } from "../paint.ts";
import { wrap } from "../wrap.ts";
import { describeHappening, type Happening, policyFields } from "./happening.ts";
import { seconds } from "./seconds.ts";
import { legend, STATE_HUES, tableHead, tableRows } from "./table.ts";
import type { DemoView } from "./view.ts";

/** What a frame has room for. */
export interface FrameSize {
  /** Characters in a line. */
  readonly columns: number;
  /** Lines. Infinite: the whole course of things is shown. */
  readonly rows: number;
}

/** Happenings that are shown where there is no room for all. */
const MAX_RECENT = 6;
const TIME_WIDTH = 8;
const TITLE_WIDTH = 19;
const MIN_DETAIL_WIDTH = 16;
const ENTRY_INDENT = 11;

/**
 * Draws the demo at one moment: what goes on, the breaker and its policy, the
 * table and what has happened. No line is wider than the terminal, and there are
 * never more of them than fit: old rows and happenings give way.
 *
 * @returns Lines without line ends.
 */
export function frame(view: DemoView, { columns, rows }: FrameSize, paint: Paint): string[] {
  const header = headerLines(view, columns, paint);
  const happenings = view.happenings.map((happening) => happeningLine(happening, paint));
  const table = tableRows(view, columns, paint);
  const head = [tableHead(columns, paint), ...(columns >= 60 ? [legend(paint)] : [])];
  const free = Math.max(0, rows - header.length - head.length - 2);
  const recent = Math.min(happenings.length, Math.max(MAX_RECENT, free - table.length));
  const shownHappenings = Math.min(recent, Math.floor(free / 2));
  const shownRows = Math.min(table.length, free - shownHappenings);
  const lines = [
    ...header,
    "",
    ...head.slice(0, 1),
    ...table.slice(table.length - shownRows),
    ...head.slice(1),
    "",
    ...happenings.slice(happenings.length - shownHappenings),
  ];
  return lines.slice(0, rows).map((line) => fit(line, columns));
}

/** A line that tells of a happening. */
export function happeningLine(happening: Happening, paint: Paint): string {
  return happeningLines(happening, Infinity, paint).join("");
}

/** The same on as many lines of `columns` characters as it takes. */
export function happeningLines(happening: Happening, columns: number, paint: Paint): string[] {
  const { title, detail } = describeHappening(happening);
  const time = seconds(happening.atMs).padStart(TIME_WIDTH);
  const indent = TIME_WIDTH + TITLE_WIDTH + 4;
  return wrap(detail, Math.max(MIN_DETAIL_WIDTH, columns - indent)).map((line, index) =>
    index === 0
      ? `${time}  ${paint(hueOf(happening), title.padEnd(TITLE_WIDTH))}  ${line}`
      : " ".repeat(indent) + line
  );
}

function hueOf(happening: Happening): Hue {
  switch (happening.kind) {
    case "transition":
      return STATE_HUES[happening.to];
    case "mishap":
      return "red";
    default:
      return "cyan";
  }
}

function headerLines(view: DemoView, columns: number, paint: Paint): string[] {
  const current = view.phases.at(-1);
  const title = "Switchgear demo";
  const clock = seconds(view.elapsedMs);
  const pace = `  ${view.scenario.callsPerSecond} real HTTP calls a second`;
  const room = Math.max(0, columns - title.length - clock.length);
  return [
    paint("bold", title) + pace.slice(0, Math.max(0, room - 1)).padEnd(room) + clock,
    "",
    ...entry("service", phaseItems(view, paint), columns),
    ...entry("", (current?.phase.story ?? "").split(" "), columns, " "),
    ...entry("breaker", breakerLine(view, paint).split(" "), columns, " "),
    ...entry("policy", policyItems(view, paint), columns),
  ];
}

/** A name and what there is to say, on as many lines as it takes. */
function entry(
  name: string,
  items: readonly string[],
  columns: number,
  separator = "  ",
): string[] {
  const lines: string[] = [];
  let line = "";
  for (const item of items) {
    const longer = line === "" ? item : line + separator + item;
    const isFull = line !== "" && ENTRY_INDENT + visibleWidth(longer) > columns;
    if (isFull) lines.push(line);
    line = isFull ? item : longer;
  }
  return [...lines, line].map((text, index) =>
    `  ${(index === 0 ? name : "").padEnd(ENTRY_INDENT - 2)}${text}`
  );
}

function phaseItems({ scenario, phases }: DemoView, paint: Paint): string[] {
  return scenario.phases.map(({ name }, index) => {
    if (index === phases.length - 1) return paint("bold", `▶ ${name}`);
    return index < phases.length ? paint("dim", `✓ ${name}`) : paint("dim", `· ${name}`);
  });
}

function breakerLine({ breaker, state, peek }: DemoView, paint: Paint): string {
  const name = `"${breaker}" is ${paint(STATE_HUES[state], state)}`;
  if (peek.admitted) {
    return state === "half-open" ? `${name}: the next call is a probe` : `${name}: calls flow`;
  }
  if (peek.reason === "probing") return `${name}: a probe is on its way, others are refused`;
  if (peek.reason === "held") {
    const held = peek.heldForMs === undefined ? "" : ` for ${seconds(peek.heldForMs)}`;
    return `${name} and held${held}: all calls are refused`;
  }
  const left = peek.retryAfterMs === undefined ? "" : `, ${seconds(peek.retryAfterMs)} to go`;
  const trip = peek.trip === undefined ? "" : ` (${describeTrip(peek.trip)})`;
  return `${name}${left}${trip}`;
}

/** The policy in force; what edits have changed stands out. */
function policyItems({ policy, happenings }: DemoView, paint: Paint): string[] {
  const edited = new Set(
    happenings.flatMap((happening) =>
      happening.kind === "policy" ? happening.changes.map((change) => change.split(" ")[0]) : []
    ),
  );
  return [...policyFields(policy)]
    .map(([field, value]) => `${field} ${edited.has(field) ? paint("cyan", value) : value}`);
}
