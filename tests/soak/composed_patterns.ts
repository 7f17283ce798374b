import {
  createCacheFallback,
  createMemoryCache,
  createRetryBudget,
  resilient,
  SwitchgearError,
} from "../../mod.ts";
import type { Pattern, PatternParts } from "./pattern.ts";
import type { PatternCall } from "./pattern_call.ts";

const KEYS = 8;

/** A cache in front of a breaker: callers of one key share a load, and stale answers stand in. */
export function cachePattern({ context, breaker }: PatternParts): Pattern {
  const { tally, logger } = context;
  const inner = breaker("behind a cache");
  const cache = createCacheFallback<string>({
    name: "cache",
    cache: createMemoryCache({ maxEntries: KEYS / 2 }),
    ttl: "20ms",
    staleTtl: "200ms",
    refreshAhead: 0.5,
    logger,
  });
  const keyOf = ({ plan }: PatternCall): string => `key ${plan.variant % KEYS}`;
  return {
    name: "cache",
    limitMs: 600,
    resources: 6,
    endsHangs: true,
    run(call) {
      const key = keyOf(call);
      const operation = call.sharedOperation();
      return cache.get(key, async (signal) => {
        tally.add("cache:load");
        await inner.do(operation, { signal, timeout: "40ms" });
        return key;
      }, call.options);
    },
    isAnswer: (call, value) => value === keyOf(call),
    ended(runs) {
      tally.add(runs === 0 ? "cache:answered without a load" : "cache:loaded");
    },
  };
}

/** Every layer that there is, in the order that `resilient` puts them in. */
export function resilientPattern({ context, breaker, chance }: PatternParts): Pattern {
  const { tally, logger } = context;
  const instead = "instead";
  const draws = chance.fork();
  const attempts = 2;
  const call = resilient({ name: "resilient", logger, random: () => draws.next() })
    .rateLimit({ rate: 300, burst: 30, maxWait: "20ms" })
    .bulkhead({ maxConcurrent: 8, maxQueued: 8, maxWait: "20ms" })
    .timeout("120ms")
    .breaker(breaker("in resilient"))
    .retry({ maxRetries: attempts - 1, backoff: "5ms" }, {
      budget: createRetryBudget({ ratio: 0.3 }),
    })
    .attemptTimeout("40ms")
    .fallback(() => {
      tally.add("fallback:answered");
      return instead;
    }, { handles: (error) => error instanceof SwitchgearError })
    .build({ silence: "all" });
  return {
    name: "resilient",
    limitMs: 200,
    resources: 12,
    endsHangs: true,
    run: (each) => call.do(each.operation(), each.options),
    isAnswer: (each, value) => value === instead || each.isOwn(value),
    ended(runs) {
      if (runs <= attempts) return;
      context.violations.add("a retry keeps to its policy", `it ran ${runs} times of ${attempts}`);
    },
  };
}
