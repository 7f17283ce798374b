import { createBulkhead, createTokenBucket, createWorkerPool, systemClock } from "../../mod.ts";
import { ConcurrencyGauge } from "./concurrency_gauge.ts";
import type { Pattern, PatternParts } from "./pattern.ts";
import { RateGauge } from "./rate_gauge.ts";

/** How late the soak may notice that the bucket let somebody through: a turn of a loaded event loop. */
const NOTICED_LATE_MS = 300;

/** A bulkhead whose limits change. */
export function bulkheadPattern({ context }: PatternParts): Pattern {
  const { violations, tally, logger } = context;
  const limit = 4;
  const bulkhead = createBulkhead({
    name: "bulkhead",
    maxConcurrent: limit,
    maxQueued: 3,
    maxWait: "25ms",
    logger,
  });
  bulkhead.on("reject", () => {
    throw new Error("A listener fails");
  });
  const gauge = new ConcurrencyGauge(
    limit,
    (seen) => violations.add("a bulkhead's limit holds", seen),
  );
  return {
    name: "bulkhead",
    limitMs: 500,
    resources: 4,
    endsHangs: false,
    run: (call) => bulkhead.do(call.operation(() => gauge.start()), call.options),
    adjust(chance) {
      const maxConcurrent = 1 + chance.below(6);
      // More slots are handed out within the call: the gauge has to know before.
      gauge.setLimit(maxConcurrent);
      bulkhead.setLimits({ maxConcurrent });
      tally.add("adjusted:bulkhead");
      // A slot that is taken by hand and given back twice frees one.
      const slot = bulkhead.tryAcquire();
      const end = slot && gauge.start();
      end?.();
      slot?.release();
      slot?.release();
    },
    close() {
      if (bulkhead.active + bulkhead.queued > 0) {
        const seen = `${bulkhead.active} active and ${bulkhead.queued} queued when all is over`;
        violations.add("a bulkhead's slots come back", seen);
      }
      return Promise.resolve();
    },
  };
}

/** A pool that is closed and replaced from time to time. */
export function poolPattern({ context }: PatternParts): Pattern {
  const { violations, tally } = context;
  const workers = 3;
  const report = (seen: string): void => violations.add("a pool's limit holds", seen);
  const open = () => ({
    pool: createWorkerPool({ name: "pool", workers, maxQueued: 2 }),
    gauge: new ConcurrencyGauge(workers, report),
  });
  let current = open();
  const closing = new Set<Promise<void>>();
  return {
    name: "pool",
    limitMs: 800,
    resources: 3,
    endsHangs: false,
    run(call) {
      const { pool, gauge } = current;
      const job = call.operation(() => gauge.start());
      if (call.plan.variant % 2 === 0) return pool.submitWait(job, call.options);
      // What is not accepted is refused synchronously.
      return Promise.try(() => pool.submit(job, call.options));
    },
    adjust(chance) {
      const { pool } = current;
      current = open();
      const closed = pool.close(chance.isHit(0.5) ? { drainTimeout: "5ms" } : {});
      closing.add(closed);
      closed.then(() => closing.delete(closed));
      pool.submitWait(() => "too late").then(
        () => report("a closed pool took a job"),
        () => tally.add("refused:closed pool"),
      );
      tally.add("adjusted:pool");
    },
    async close() {
      await Promise.all(closing);
      await current.pool.close({ drainTimeout: "1s" });
    },
  };
}

/** A token bucket whose rate changes. */
export function bucketPattern({ context }: PatternParts): Pattern {
  const { violations, tally } = context;
  const rates = [5, 15, 40] as const;
  const burst = 4;
  const bucket = createTokenBucket({ name: "bucket", rate: rates[0], burst, maxWait: "30ms" });
  const gauge = new RateGauge(
    { rate: rates[0], burst, lateMs: NOTICED_LATE_MS },
    (seen) => violations.add("a token bucket's rate holds", seen),
  );
  const note = (): void => gauge.note(systemClock.now());
  return {
    name: "bucket",
    limitMs: 600,
    resources: 3,
    endsHangs: false,
    leavesAborts: true,
    async run(call) {
      const { variant } = call.plan;
      if (variant % 3 === 0) {
        if (bucket.allow()) note();
        else tally.add("refused:allow");
      } else if (variant % 3 === 1) {
        const reservation = bucket.reserve();
        if (reservation.delayMs > 0) reservation.cancel();
        else note();
      }
      return await bucket.do(
        call.operation(() => {
          note();
          return () => {};
        }),
        call.options,
      );
    },
    adjust(chance) {
      const rate = chance.pick(rates);
      bucket.setLimit(rate);
      gauge.setRate(rate, systemClock.now());
      tally.add("adjusted:bucket");
    },
  };
}
