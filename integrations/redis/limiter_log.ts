import type { Fault } from "../../src/check/fault.ts";
import { Emitter } from "../../src/emitter.ts";
import { describeError } from "../../src/errors.ts";
import { type Logger, type LogLevel, logSafely } from "../../src/log.ts";
import type { RedisRateLimiterEvents } from "./limiter_events.ts";
import type { RuleDocument } from "./rule_store.ts";

/** Announces and logs what happens in a limiter: nothing of it per call. */
export class LimiterLog {
  /** Who listens. */
  readonly events: Emitter<RedisRateLimiterEvents> = new Emitter<RedisRateLimiterEvents>({
    ruleChange: new Set(),
    ruleRefused: new Set(),
    redisFailure: new Set(),
    redisBack: new Set(),
  });
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Writes one line. */
  write(level: LogLevel, message: string, fields: Record<string, unknown> = {}): void {
    logSafely(this.#logger, level, `Redis rate limiter: ${message}`, fields);
  }

  /** A rule came into force, changed, or is gone. */
  readonly ruleChange = (event: RedisRateLimiterEvents["ruleChange"]): void => {
    const { rule, from, to } = event;
    const what = to === undefined ? "is gone" : from === undefined ? "is in force" : "has changed";
    this.write("info", `rule "${rule}" ${what}`, { rule, from, to });
    this.#emit("ruleChange", event);
  };

  /** A document was refused. */
  readonly ruleRefused = (document: RuleDocument, faults: readonly Fault[]): void => {
    const { name, source, revision } = document;
    const standing = document.rule === undefined
      ? "none of it is in force"
      : "the last good one stays";
    const why = faults.map(({ message }) => message).join("; ");
    this.write("error", `rule ${source} was refused, ${standing}: ${why}`, {
      source,
      revision,
      faults,
    });
    this.#emit("ruleRefused", { rule: name, source, faults });
  };

  /** Calls are decided without Redis. */
  readonly redisFailure = (event: RedisRateLimiterEvents["redisFailure"]): void => {
    this.write("warn", "Redis does not answer, each rule's onFailure holds", { ...event });
    this.#emit("redisFailure", event);
  };

  /** Redis decides again. */
  readonly redisBack = (event: RedisRateLimiterEvents["redisBack"]): void => {
    this.write("info", "Redis decides again", { ...event });
    this.#emit("redisBack", event);
  };

  #emit<K extends keyof RedisRateLimiterEvents>(type: K, event: RedisRateLimiterEvents[K]): void {
    this.events.emit(type, event, (error) => {
      this.write("error", `a listener to "${type}" threw: ${describeError(error)}`, { error });
    });
  }
}
