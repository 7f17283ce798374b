/** How a piece of text looks. */
export type Hue = "green" | "yellow" | "red" | "cyan" | "dim" | "bold";

/** Gives text a hue, or leaves it as it is where colour is off. */
export type Paint = (hue: Hue, text: string) => string;

const CODES: Readonly<Record<Hue, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  cyan: 36,
};

const RESET = "\x1b[0m";
// deno-lint-ignore no-control-regex -- the escape character begins every colour
const PIECES = /\x1b\[\d+m|[^\x1b]/gu;

/** Paints with the terminal's own eight colours, so that its theme holds. */
export const inColor: Paint = (hue, text) =>
  text === "" ? "" : `\x1b[${CODES[hue]}m${text}${RESET}`;

/** Paints nothing. */
export const plain: Paint = (_hue, text) => text;

/** How many characters wide `text` shows. */
export function visibleWidth(text: string): number {
  return [...text.matchAll(PIECES)].filter(([piece]) => !piece.startsWith("\x1b")).length;
}

/** Cuts `text` to `width` visible characters, and ends its colours. */
export function fit(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  let shown = 0;
  let cut = "";
  for (const [piece] of text.matchAll(PIECES)) {
    if (piece.startsWith("\x1b")) cut += piece;
    else if (shown++ < width) cut += piece;
  }
  return cut;
}
