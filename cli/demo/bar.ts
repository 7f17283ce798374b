/** One part of a bar. */
export interface BarPart {
  /** How much it stands for. */
  readonly amount: number;
  /** The character that it is drawn with. */
  readonly glyph: string;
}

/**
 * How many cells each amount gets of `width` cells that stand for `full`. What
 * is more than nothing gets a cell at least: one failure among forty must show.
 *
 * @param amounts None negative.
 * @param full What a bar of full width stands for; more is cut off.
 * @param width Cells there are.
 */
export function barCells(
  amounts: readonly number[],
  full: number,
  width: number,
): readonly number[] {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  const scale = width / Math.max(full, total);
  const cells = amounts.map((amount) => amount === 0 ? 0 : Math.max(1, Math.round(amount * scale)));
  while (cells.reduce((sum, cell) => sum + cell, 0) > width) {
    const longest = cells.indexOf(Math.max(...cells));
    cells[longest] = (cells[longest] ?? 1) - 1;
  }
  return cells;
}
