import { visibleWidth } from "./paint.ts";

/** Characters that take the width of two. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/gu;
const GAP = "  ";

/**
 * Rows as lines, each column as wide as its widest cell; nothing after the last.
 *
 * @param rows The cells, each on one line; colours in them count for nothing.
 * @returns A line for each row.
 */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
  }
  return rows.map((row) =>
    row.map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - widthOf(cell))).join(GAP).trimEnd()
  );
}

function widthOf(cell: string): number {
  return visibleWidth(cell) + (cell.match(WIDE)?.length ?? 0);
}
