/** One second of the demo. */
export interface DemoRow {
  /** The state at its end. */
  readonly state: string;
  /** Calls through the breaker that ended in it, by how. */
  readonly guarded: { readonly ok: number; readonly failed: number; readonly refused: number };
  /** Calls without a breaker: how many ended in it, by how, and how many still wait at its end. */
  readonly bare: { readonly ok: number; readonly failed: number; readonly waiting: number };
}

/** One stretch in which the service behaves in one way. */
export interface DemoPhase {
  readonly name: string;
  /** The row in which it begins. */
  readonly row: number;
}

/** What a run of the demo has printed. */
export interface DemoRun {
  readonly rows: readonly DemoRow[];
  readonly phases: readonly DemoPhase[];
  /** The closing lines that sum it up, by their first words: with a breaker, and without. */
  readonly totals: ReadonlyMap<string, readonly [withBreaker: string, without: string]>;
  /** Of the requests that a failing or hanging service got without a breaker, those that it was spared. */
  readonly spared: string;
}

const ROW = /^ *\d+\.0 s {2}([a-z-]+) +\d+ +(\d+) +(\d+) +(\d+) +\d+ \| +(\d+) +(\d+) +(\d+) \| /;
const PHASE = /^([a-z]+): /;
const TOTAL = /^ {2}(\S.*?) {2,}([\d,.]+(?: m?s)?) {2,}([\d,.]+(?: m?s)?)$/;
const SPARED = /^ {2}spared: (.*)$/;

/**
 * Reads what the demo prints into a pipe.
 *
 * @throws {Error} If it is no whole run.
 */
export function parseDemo(text: string): DemoRun {
  const rows: DemoRow[] = [];
  const phases: DemoPhase[] = [];
  const totals = new Map<string, readonly [string, string]>();
  let spared: string | undefined;
  for (const line of text.split("\n")) {
    const row = ROW.exec(line);
    const [, total, withBreaker, without] = TOTAL.exec(line) ?? [];
    if (row !== null) {
      const [ok = 0, failed = 0, refused = 0, bareOk = 0, bareFailed = 0, waiting = 0] = row.slice(
        2,
      )
        .map(Number);
      rows.push({
        state: row[1] ?? "",
        guarded: { ok, failed, refused },
        bare: { ok: bareOk, failed: bareFailed, waiting },
      });
    } else if (total !== undefined && withBreaker !== undefined && without !== undefined) {
      totals.set(total, [withBreaker, without]);
    }
    const phase = PHASE.exec(line)?.[1];
    if (phase !== undefined) phases.push({ name: phase, row: rows.length });
    spared = SPARED.exec(line)?.[1] ?? spared;
  }
  if (rows.length === 0 || phases.length === 0 || totals.size === 0 || spared === undefined) {
    throw new Error("Cannot draw the demo: the input is not what a whole run of it prints");
  }
  return { rows, phases, totals, spared };
}
