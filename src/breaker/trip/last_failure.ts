import { hideSecrets } from "../../check/hide_secrets.ts";

/** How much of a text is kept. */
const LONGEST_MESSAGE = 200;
const LONGEST_NAME = 100;
/** How much of a text is searched for secrets; what is longer is cut before. */
const SEARCHED = 65_536;

/** The failure that made a breaker open. */
export interface LastFailure {
  /** The error's name; `ResultFailure` where a resolved value was judged a failure. */
  readonly name: string;
  /** Its code, such as `ECONNREFUSED`, where it has one. */
  readonly code?: string | number;
  /** Its message, up to 200 characters and without what looks like a secret; absent where the breaker's settings leave it out. */
  readonly message?: string;
}

/** A resolved value that was judged a failure. */
export class ResultFailure {
  readonly #value: unknown;

  /** Wraps the value. */
  constructor(value: unknown) {
    this.#value = value;
  }

  /** The error, or the value that was judged a failure. Anything can be thrown: `instanceof` may throw on it. */
  static subjectOf(outcome: unknown): unknown {
    return ResultFailure.is(outcome) ? outcome.#value : outcome;
  }

  /** Whether an outcome is a value that was judged a failure. */
  static is(outcome: unknown): outcome is ResultFailure {
    return typeof outcome === "object" && outcome !== null && #value in outcome;
  }
}

/** What the outcome of a call was that was judged a failure: the error that it threw, or the value. */
export type FailedOutcome = unknown;

/**
 * Tells of a failure in a few words that keep nothing of it alive. Anything can
 * be thrown, also what throws when it is looked at.
 */
export function describeFailure(outcome: FailedOutcome, withMessage: boolean): LastFailure {
  if (ResultFailure.is(outcome)) return Object.freeze({ name: "ResultFailure" });
  const name = read(outcome, "name");
  const code = read(outcome, "code");
  const message = withMessage ? messageOf(outcome) : undefined;
  return Object.freeze({
    name: typeof name === "string" && name !== "" ? shorten(name, LONGEST_NAME) : kindOf(outcome),
    ...(typeof code === "number" && Number.isFinite(code) && { code }), // JSON has no others
    ...(typeof code === "string" && { code: shorten(code, LONGEST_NAME) }),
    ...(message !== undefined && { message: shorten(message, LONGEST_MESSAGE) }),
  });
}

/** A failure in a sentence part: `ECONNREFUSED: connect failed`. */
export function describeLastFailure({ name, code, message }: LastFailure): string {
  const what = code === undefined ? name : `${name} ${code}`;
  const text = message === undefined || message === "" ? what : `${what}: ${message}`;
  return text.replace(/[\p{Cc}\s]+/gu, " "); // it stands in a line of a log
}

function messageOf(outcome: unknown): string | undefined {
  if (typeof outcome === "string") return outcome;
  const message = read(outcome, "message");
  return typeof message === "string" ? message : undefined;
}

function kindOf(outcome: unknown): string {
  return outcome === null ? "null" : typeof outcome;
}

function read(outcome: unknown, field: string): unknown {
  try {
    return Reflect.get(Object(outcome), field);
  } catch {
    return undefined;
  }
}

function shorten(text: string, longest: number): string {
  const shown = hideSecrets(text.slice(0, SEARCHED));
  return shown.length <= longest
    ? shown
    : `${shown.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
