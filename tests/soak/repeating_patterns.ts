import {
  createHedge,
  createRetry,
  createRetryBudget,
  createTimeout,
  pipeline,
  type RetryReport,
} from "../../mod.ts";
import type { Pattern, PatternParts } from "./pattern.ts";

/** A retry with a budget. Each call is reported once, and makes so many attempts at most. */
export function retryPattern({ context, chance }: PatternParts): Pattern {
  const { violations, tally, logger } = context;
  const attempts = 3;
  let [ended, reported] = [0, 0];
  const report = (seen: string): void => violations.add("a retry keeps to its policy", seen);
  const draws = chance.fork();
  const retry = createRetry({ maxRetries: attempts - 1, backoff: "5ms", jitter: "full" }, {
    name: "retry",
    budget: createRetryBudget({ ratio: 0.3, minPerSecond: 1 }),
    logger,
    random: () => draws.next(),
    onRetry: () => {
      throw new Error("A callback fails");
    },
    onReport: (told: RetryReport) => {
      reported++;
      tally.add(`retry outcome:${told.outcome}`);
      if (told.attempts > attempts) report(`${told.attempts} attempts of ${attempts}`);
    },
  });
  return {
    name: "retry",
    limitMs: 1_500,
    resources: 3,
    endsHangs: false,
    run: (call) => retry.do(call.operation(), call.options),
    ended(runs) {
      ended++;
      if (runs > attempts) report(`the operation ran ${runs} times of ${attempts}`);
    },
    close() {
      if (ended !== reported) report(`${ended} calls, ${reported} reports`);
      return Promise.resolve();
    },
  };
}

/** A hard time limit around a breaker, whose operations may be deaf. */
export function timeoutPattern({ breaker, context }: PatternParts): Pattern {
  const limitMs = 30;
  const timeout = createTimeout(`${limitMs}ms`, { name: "limit" });
  const call = pipeline([timeout, breaker("in a time limit")], {
    silence: "all",
    logger: context.logger,
  });
  return {
    name: "timeout",
    limitMs,
    resources: 4,
    endsHangs: true,
    run: (each) => call.do(each.operation(), each.options),
  };
}

/** A hedge around a breaker. */
export function hedgePattern({ context, breaker }: PatternParts): Pattern {
  const { violations, tally, logger } = context;
  const hedges = 1;
  const hedge = createHedge({
    name: "hedge",
    delay: "5ms",
    maxHedges: hedges,
    budget: createRetryBudget({ ratio: 0.3, minPerSecond: 1 }),
    hedgeOnFailure: () => true,
    logger,
  });
  hedge.on("win", () => tally.add("hedge event:win"));
  hedge.on("hedge", ({ cause }) => tally.add(`hedge event:${cause}`));
  hedge.on("budgetExhausted", () => tally.add("hedge event:budget exhausted"));
  const inner = breaker("in a hedge");
  return {
    name: "hedge",
    limitMs: 800,
    resources: 6,
    endsHangs: false,
    run: (call) => {
      const operation = call.operation();
      return hedge.do((signal) => inner.do(operation, { signal }), call.options);
    },
    ended(runs) {
      if (runs <= 1 + hedges) return;
      violations.add("a hedge keeps to its limit", `the operation ran ${runs} times`);
    },
  };
}
