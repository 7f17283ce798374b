import type { Mutant } from "./mutant.ts";
import type { Result } from "./mutation_run.ts";

/**
 * A mutant that no test can kill, because nothing that can be observed changes.
 * It is found by its text, so that the entry outlives edits elsewhere.
 */
export interface Equivalent {
  /** The file, such as `src/breaker/trip/trip.ts`. */
  readonly file: string;
  /** The line that the mutant starts in, without the spaces around it. */
  readonly line: string;
  /** The code that is replaced, as the report shows it. */
  readonly original: string;
  /** What stands there instead, as the report shows it. */
  readonly replacement: string;
  /** Why nothing changes. */
  readonly reason: string;
}

/** Survivors sorted by what is known of them. */
export interface JudgedSurvivors {
  /** Listed as equivalent. */
  readonly listed: readonly Result[];
  /** Not listed: a test is missing. */
  readonly unlisted: readonly Result[];
  /** Entries that match no survivor. */
  readonly stale: readonly Equivalent[];
}

const FIELDS = ["file", "line", "original", "replacement", "reason"] as const;

/**
 * The entries of a list of equivalent mutants.
 *
 * @throws {TypeError} If the text is no such list; the message names the entry and the field.
 */
export function parseEquivalents(text: string): Equivalent[] {
  const entries: unknown = JSON.parse(text);
  if (!Array.isArray(entries)) throw new TypeError("Cannot read equivalents: not an array");
  return entries.map((entry: unknown, index) => {
    const fields = FIELDS.map((name) => {
      const value = isRecord(entry) ? entry[name] : undefined;
      if (typeof value === "string" && (value !== "" || name === "replacement")) {
        return [name, value];
      }
      throw new TypeError(`Cannot read equivalents: entry ${index + 1}: "${name}" must be a text`);
    });
    return Object.fromEntries(fields);
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Sorts `survivors` by the list; only entries for `files` are expected to match one. */
export function judgeSurvivors(
  survivors: readonly Result[],
  { equivalents, files }: {
    readonly equivalents: readonly Equivalent[];
    readonly files: ReadonlySet<string>;
  },
): JudgedSurvivors {
  const isListed = ({ mutant }: Result): boolean =>
    equivalents.some((entry) => matches(entry, mutant));
  return {
    listed: survivors.filter(isListed),
    unlisted: survivors.filter((survivor) => !isListed(survivor)),
    stale: equivalents.filter((entry) =>
      files.has(entry.file) && !survivors.some(({ mutant }) => matches(entry, mutant))
    ),
  };
}

function matches(entry: Equivalent, mutant: Mutant): boolean {
  return entry.file === mutant.file && entry.line === mutant.lineText &&
    entry.original === mutant.original && entry.replacement === mutant.replacement;
}
