/** One change that the instrumenter can make to the code, and where. */
export interface Mutant {
  /** The instrumenter's id: unique within one run. */
  readonly id: string;
  /** The file within the tree, such as `src/breaker/trip/trip.ts`. */
  readonly file: string;
  /** Where it starts, counted from 1. */
  readonly line: number;
  /** Where it starts in the line, counted from 1. */
  readonly column: number;
  /** The kind of change, such as `ConditionalExpression`. */
  readonly mutator: string;
  /** The line that it starts in, without the spaces around it. */
  readonly lineText: string;
  /** The code that is replaced, on one line. */
  readonly original: string;
  /** What stands there instead, on one line. */
  readonly replacement: string;
}

/** The longest piece of code that is kept. */
const LONGEST = 120;

/** Code on one line, and cut off where it gets long: enough to recognise it, whatever its format. */
export function onOneLine(code: string): string {
  const line = code.replaceAll(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** Where a mutant is and what it does: `src/breaker/trip/trip.ts:21:3 [StringLiteral] "a" -> ""`. */
export function describeMutant(mutant: Mutant): string {
  const { file, line, column, mutator, original, replacement } = mutant;
  return `${file}:${line}:${column} [${mutator}] ${original} -> ${replacement}`;
}
