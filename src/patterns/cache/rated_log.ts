import { type Logger, logSafely } from "../../log.ts";
import type { Clock } from "../../time/clock.ts";

/** A message of one kind is written at most this often, in milliseconds. */
const LOG_INTERVAL_MS = 60_000;

/** What a rated log is made with. */
export interface RatedLogOptions {
  /** The source of time. */
  readonly clock: Clock;
  /** Begins every message. */
  readonly prefix: string;
}

interface Kind {
  writtenAtMs: number;
  unwritten: number;
}

/**
 * Warns of what may happen on every call: the first time at once, then at most
 * once a minute for each kind of message, with `unwritten`, the number of those
 * left out since the last.
 */
export class RatedLog {
  readonly #logger: Logger;
  readonly #options: RatedLogOptions;
  readonly #kinds = new Map<string, Kind>();

  /** Writes to `logger`. */
  constructor(logger: Logger, options: RatedLogOptions) {
    this.#logger = logger;
    this.#options = options;
  }

  /** Warns, unless one with the same text was written within the last minute. */
  warn(what: string, fields: Record<string, unknown>): void {
    const { clock, prefix } = this.#options;
    const now = clock.now();
    const kind = this.#kinds.get(what);
    if (kind !== undefined && Math.abs(now - kind.writtenAtMs) < LOG_INTERVAL_MS) {
      kind.unwritten++;
      return;
    }
    this.#kinds.set(what, { writtenAtMs: now, unwritten: 0 });
    const unwritten = kind?.unwritten ?? 0;
    logSafely(this.#logger, "warn", `${prefix}: ${what}`, { ...fields, unwritten });
  }
}
