import { type Figures, formatQuantity } from "./figures.ts";
import type { Unit } from "./sample.ts";

/** One row of a panel. */
export interface Bar {
  readonly label: string;
  readonly value: number;
}

/** Bars that are compared with each other, on a logarithmic scale. */
export interface Panel {
  readonly title: string;
  readonly unit: Unit;
  readonly bars: readonly Bar[];
}

const WIDTH = 760;
const LABEL_WIDTH = 200;
const VALUE_WIDTH = 80;
const BAR_WIDTH = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
const ROW = 22;
const BAR = 14;
const PANEL_HEAD = 44;
const PANEL_GAP = 18;

/** The shown contenders, and what they are called. */
const SHOWN: Record<string, string> = {
  "switchgear, consecutive": "Switchgear",
  "switchgear, timeout": "Switchgear, timeout",
  "cockatiel, consecutive": "cockatiel",
  "cockatiel, sampling": "cockatiel, sampling",
  "alfred, consecutive": "alfred",
  "opossum, no timeout": "opossum, no timeout",
  "opossum": "opossum, timeout (default)",
  "mollitia, count": "mollitia",
  "effect, consecutive": "effect",
};

const SHOWN_MEMORY: Record<string, string> = {
  "switchgear, of a provider": "Switchgear",
  "cockatiel, consecutive": "cockatiel",
  "cockatiel, sampling": "cockatiel, sampling",
  "alfred, consecutive": "alfred",
  "opossum": "opossum",
  "mollitia, count": "mollitia",
  "effect, one key each": "effect",
};

/** The panels for the README, of what was measured. */
export function comparisonPanels(figures: Figures): Panel[] {
  const panel = (
    title: string,
    unit: Unit,
    shown: Record<string, string>,
    measure: (name: string) => Parameters<Figures["derive"]>[0],
  ): Panel => ({
    title,
    unit,
    bars: Object.entries(shown).flatMap(([name, label]) => {
      const value = figures.derive(measure(name))?.median;
      return value === undefined ? [] : [{ label, value }];
    }),
  });
  return [
    panel(
      "A successful call: time over the bare call",
      "ns",
      SHOWN,
      (name) => (get) =>
        get("peers", "closed, success", name) - get("peers", "closed, success", "bare call"),
    ),
    panel(
      "A refused call: time until its error is caught",
      "ns",
      SHOWN,
      (name) => (get) => get("peers", "open, refused", name),
    ),
    panel(
      "Memory of one used breaker",
      "B",
      SHOWN_MEMORY,
      (name) => (get) => get("memory", "bytes, used", name),
    ),
  ].filter(({ bars }) => bars.length > 0);
}

/** Draws panels one below the other, for light and for dark pages. */
export function renderComparison(panels: readonly Panel[]): string {
  const parts: string[] = [];
  let top = 0;
  for (const panel of panels) {
    parts.push(...renderPanel(panel, top));
    top += PANEL_HEAD + panel.bars.length * ROW + PANEL_GAP;
  }
  const height = top + ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Switchgear beside its peers">`,
    "<style>",
    "text { font: 13px system-ui, sans-serif; fill: #24292f; }",
    ".title { font-weight: 600; }",
    ".note { font-size: 11px; fill: #57606a; }",
    ".peer { fill: #8c959f; }",
    ".ours { fill: #1a7f64; }",
    ".grid { stroke: #d0d7de; }",
    "@media (prefers-color-scheme: dark) {",
    "text { fill: #e6edf3; }",
    ".note { fill: #9198a1; }",
    ".peer { fill: #6e7681; }",
    ".ours { fill: #3fb68b; }",
    ".grid { stroke: #30363d; }",
    "}",
    "</style>",
    ...parts,
    text(
      0,
      top + 4,
      "note",
      "Logarithmic: from one line to the next is ten times as much. Less is better.",
    ),
    "</svg>",
    "",
  ].join("\n");
}

function renderPanel({ title, unit, bars }: Panel, top: number): string[] {
  const values = bars.map(({ value }) => Math.max(value, Number.MIN_VALUE));
  const from = Math.floor(Math.log10(Math.min(...values)) - 0.15);
  const to = Math.max(from + 1, Math.log10(Math.max(...values)));
  const width = (value: number): number =>
    Math.max(1, (Math.log10(value) - from) / (to - from) * BAR_WIDTH);
  const rows = top + PANEL_HEAD;
  const parts = [text(0, top + 18, "title", title)];
  for (let power = from; power <= to; power++) {
    const x = round(LABEL_WIDTH + (power - from) / (to - from) * BAR_WIDTH);
    const bottom = rows + bars.length * ROW;
    parts.push(`<line class="grid" x1="${x}" x2="${x}" y1="${rows - 4}" y2="${bottom}"/>`);
    const mark = formatQuantity(10 ** power, unit).replace(/\.0+ /, " ");
    parts.push(text(x, rows - 8, "note", mark, "middle"));
  }
  for (const [i, { label, value }] of bars.entries()) {
    const y = rows + i * ROW;
    const length = round(width(value));
    const kind = label.startsWith("Switchgear") ? "ours" : "peer";
    const baseline = y + BAR - 2;
    parts.push(text(LABEL_WIDTH - 8, baseline, "", label, "end"));
    parts.push(
      `<rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${length}" height="${BAR}" rx="2"/>`,
    );
    parts.push(text(LABEL_WIDTH + length + 6, baseline, "", formatQuantity(value, unit)));
  }
  return parts;
}

function text(x: number, y: number, kind: string, content: string, anchor = "start"): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text class="${kind}" x="${round(x)}" y="${y}" text-anchor="${anchor}">${escaped}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
