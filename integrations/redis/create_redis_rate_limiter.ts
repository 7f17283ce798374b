import { OptionsCheck } from "../../src/check/check_options.ts";
import { BackendError, describeError } from "../../src/errors.ts";
import { LOGGER_METHODS } from "../../src/log.ts";
import { QUIET_CONSOLE } from "../../src/provider/provider_log.ts";
import { CLOCK_METHODS, systemClock } from "../../src/time/clock.ts";
import { BucketCall } from "./bucket_call.ts";
import { FailureReport } from "./failure_report.ts";
import { type LimitRule, parseRule } from "./limit_rule.ts";
import { LimiterLog } from "./limiter_log.ts";
import { LocalBuckets } from "./local_buckets.ts";
import type { RedisRateLimiterOptions } from "./options.ts";
import { RedisRateLimiter } from "./redis_rate_limiter.ts";
import { RuleBook, type RuleSource } from "./rule_book.ts";
import { InvalidRuleError } from "./rule_errors.ts";

const OPTION_NAMES: readonly string[] = Object.keys(
  {
    client: true,
    provider: true,
    rules: true,
    backend: true,
    path: true,
    loadTimeout: true,
    onLoadFailure: true,
    breaker: true,
    timeout: true,
    processes: true,
    prefix: true,
    maxResources: true,
    clock: true,
    logger: true,
  } satisfies Record<keyof RedisRateLimiterOptions, true>,
);

/**
 * Creates a rate limiter whose limits many processes share through one Redis:
 * together they never let through more than `rate` x t + `capacity` in any time t.
 *
 * Each question is one round trip, decided in Redis by one script and Redis's own clock, so that
 * neither the clocks of the processes nor their number matter. A bucket is one key, which expires when all that was
 * taken has flowed back. Redis 5 or later, a cluster too. What Redis forgets (`FLUSHALL`, a restart without
 * persistence, eviction, a failover before replication) can be taken once more.
 *
 * The limiter's own calls stand behind a breaker of the provider's, named by the option `breaker`: while it is open, and
 * whenever a call fails or takes too long, the rule's `onFailure` decides. A local share begins full,
 * with a `processes`th of the capacity, and at least one token.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { createRedisRateLimiter } from "@switchgear/breaker/redis";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import assert from "node:assert/strict";
 *
 * const backend = memoryBackend();
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
 *   backend,
 * });
 * await using limiter = await createRedisRateLimiter({
 *   // fromIoredis(redis), say; here there is no Redis to be reached
 *   client: { evalSha: () => Promise.reject(new Error("down")), eval: () => Promise.resolve() },
 *   provider,
 *   rules: { logins: { rate: 1, capacity: 5, onFailure: "refuse" } },
 *   backend,
 *   path: "/config/prod/im-gateway/limits/",
 *   logger: { ...console, warn: () => {} },
 * });
 * const decision = await limiter.allow("ann", "logins");
 * assert.deepEqual([decision.allowed, decision.by], [false, "failure"]);
 * ```
 *
 * @param options The client, the provider, and the rules.
 * @returns The limiter, with its rules in force.
 * @throws {InvalidRuleError} If a rule in code is invalid.
 * @throws {BackendError} If the rules cannot be read within `loadTimeout`, and `onLoadFailure` is `"reject"`.
 * @throws {TypeError} If an option is unknown or of the wrong type, or there are neither rules nor a backend.
 * @throws {RangeError} If an option is out of range.
 */
export async function createRedisRateLimiter(
  options: RedisRateLimiterOptions,
): Promise<RedisRateLimiter> {
  const check = new OptionsCheck("create Redis rate limiter");
  check.known(options, OPTION_NAMES);
  checkSurroundings(check, options);
  const {
    client,
    provider,
    breaker: breakerName = "redis-rate-limit",
    clock = systemClock,
    logger = QUIET_CONSOLE,
    timeout = "250ms",
    loadTimeout = "5s",
    onLoadFailure = "reject",
  } = options;
  check.oneOf("onLoadFailure", onLoadFailure, ["reject", "use-rules"]);
  const loadTimeoutMs = check.duration("loadTimeout", loadTimeout, { above: 0 });
  check.duration("timeout", timeout, { above: 0 });
  const log = new LimiterLog(logger);
  const source = sourceOf(check, options);
  const book = new RuleBook({
    rules: rulesInCode(options.rules),
    source,
    processes: check.integer("processes", options.processes ?? 1, { min: 1 }),
    clock,
    onChange: log.ruleChange,
    onRefused: log.ruleRefused,
    onIncomplete: (reason) => log.write("error", `rules that are missing are kept: ${reason}`),
    onFeed: (state, error) => logFeed(log, source, state === "fresh" ? undefined : error),
  });
  const limiter = new RedisRateLimiter({
    call: new BucketCall(client),
    breaker: provider.getBreaker(check.text("breaker", breakerName)),
    timeout,
    prefix: check.text("prefix", options.prefix ?? "limit:"),
    book,
    buckets: new LocalBuckets(
      check.integer("maxResources", options.maxResources ?? 10_000, { min: 1 }),
      clock,
    ),
    report: new FailureReport({
      clock,
      breaker: breakerName,
      onFailure: log.redisFailure,
      onBack: log.redisBack,
    }),
    events: log.events,
  });
  await load(book, source, { loadTimeoutMs, rejects: onLoadFailure === "reject", log });
  return limiter;
}

interface Loading {
  readonly loadTimeoutMs: number;
  readonly rejects: boolean;
  readonly log: LimiterLog;
}

async function load(
  book: RuleBook,
  source: RuleSource | undefined,
  { loadTimeoutMs, rejects, log }: Loading,
): Promise<void> {
  if (source === undefined) return;
  try {
    await book.start(loadTimeoutMs);
  } catch (cause) {
    const { description } = source.backend;
    const reason = book.feed?.lastError ?? describeError(cause);
    const failure = `cannot load rules from ${description} under "${source.path}" within ` +
      `${loadTimeoutMs} ms (${reason})`;
    if (rejects) {
      await book.close();
      throw new BackendError(description, `Redis rate limiter: ${failure}`, { cause });
    }
    log.write("warn", `${failure}; starting on the rules in code, and trying on`);
  }
}

function logFeed(log: LimiterLog, source: RuleSource | undefined, error: unknown): void {
  const where = source?.backend.description ?? "";
  if (error === undefined) log.write("info", `rules follow ${where} again`);
  else log.write("warn", `rules stay as they are, ${where} is lost: ${describeError(error)}`);
}

function checkSurroundings(check: OptionsCheck, options: RedisRateLimiterOptions): void {
  const { client, provider, clock, logger } = options;
  check.object("client", client);
  check.callable("client.evalSha", client.evalSha);
  check.callable("client.eval", client.eval);
  check.object("provider", provider);
  check.callable("provider.getBreaker", provider.getBreaker);
  if (clock !== undefined) check.methods("clock", clock, CLOCK_METHODS);
  if (logger !== undefined) check.methods("logger", logger, LOGGER_METHODS);
}

function sourceOf(check: OptionsCheck, options: RedisRateLimiterOptions): RuleSource | undefined {
  const { backend, rules, path = "/config/limits/" } = options;
  check.text("path", path);
  if (rules !== undefined) check.object("rules", rules);
  if (backend === undefined) {
    // Without either there is nothing to limit by, and nothing could ever change that.
    if (rules === undefined) check.object("rules", rules);
    return undefined;
  }
  check.object("backend", backend);
  check.callable("backend.watch", backend.watch);
  return { backend, path };
}

function rulesInCode(
  rules: Readonly<Record<string, LimitRule>> = {},
): ReadonlyMap<string, Readonly<LimitRule>> {
  return new Map(
    Object.entries(rules).map(([name, rule]) => {
      const result = parseRule(rule);
      if (!result.ok) throw new InvalidRuleError(`"${name}"`, result.faults);
      return [name, result.rule];
    }),
  );
}
