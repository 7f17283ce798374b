import type { BreakerHost } from "../breaker/host/host.ts";
import { describeTrip } from "../breaker/trip/trip.ts";
import { describeFaults } from "../errors.ts";
import { type Logger, type LogLevel, logSafely } from "../log.ts";
import type { PolicyDocument } from "./document.ts";
import { hideSecrets, hideSecretsIn } from "../check/hide_secrets.ts";

/** Faults of one document that are logged as fields; the status has all of them. */
const FAULTS_LOGGED = 100;

/** Errors and warnings on the console, nothing else. */
export const QUIET_CONSOLE: Logger = {
  debug: () => {},
  info: () => {},
  warn: (message, fields = {}) => logSafely(console, "warn", message, fields),
  error: (message, fields = {}) => logSafely(console, "error", message, fields),
};

/**
 * Writes what happens in a provider and in its breakers, with the service's name
 * on every line and without what looks like a secret.
 */
export class ProviderLog implements Logger {
  readonly #logger: Logger;
  readonly #service: string;

  /** Creates the log of a service. */
  constructor(logger: Logger, service: string) {
    this.#logger = logger;
    this.#service = service;
  }

  /** Writes one line. */
  write(level: LogLevel, message: string, fields: Record<string, unknown> = {}): void {
    const shown = Object.entries(fields).map(([key, field]) => [key, hideSecretsIn(field)]);
    const line = { service: this.#service, ...Object.fromEntries(shown) };
    logSafely(this.#logger, level, hideSecrets(message), line);
  }

  /** Writes a line that only a developer wants. */
  debug(message: string, fields?: Record<string, unknown>): void {
    this.write("debug", message, fields);
  }

  /** Writes of an ordinary change. */
  info(message: string, fields?: Record<string, unknown>): void {
    this.write("info", message, fields);
  }

  /** Writes of what an operator should look at. */
  warn(message: string, fields?: Record<string, unknown>): void {
    this.write("warn", message, fields);
  }

  /** Writes of what somebody must mend. */
  error(message: string, fields?: Record<string, unknown>): void {
    this.write("error", message, fields);
  }

  /** Writes a line for every change of state from now on. */
  follow(host: BreakerHost): void {
    host.on("stateChange", ({ breaker, from, to, cause, trip }) => {
      const why = cause === "tripped" && trip !== undefined ? describeTrip(trip) : cause;
      const level = to === "open" ? "warn" : "info";
      this.write(level, `Breaker "${breaker}" is ${to}: ${why}`, { breaker, from, to, cause });
    });
    host.on("wouldOpen", ({ breaker, trip }) => {
      this.write("warn", `Breaker "${breaker}" would have opened: ${describeTrip(trip)}`, {
        breaker,
      });
    });
  }

  /** Writes that a document came into force, or why it was refused. */
  document({ source, refused, good }: PolicyDocument): void {
    if (refused === undefined) {
      this.write("info", `Policy ${source} is in force`, { source, revision: good?.revision });
      return;
    }
    const standing = good === undefined ? "none of it is in force" : "the last good one stays";
    const { revision, faults } = refused;
    this.write("error", `Policy ${source} was refused, ${standing}: ${describeFaults(faults)}`, {
      source,
      revision,
      faults: faults.slice(0, FAULTS_LOGGED),
      faultCount: faults.length,
    });
  }
}
