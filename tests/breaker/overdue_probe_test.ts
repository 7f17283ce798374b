/** What conformance cases of R11 cannot see: what is told of overdue probes, and a call's own time limit. */
import assert from "node:assert/strict";
import type { OverdueProbeEvent, Policy } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";
import { SILENT } from "../support/silent_logger.ts";

const OPENS: Policy = { failureThreshold: 1, openStateTimeout: "1s" };

Deno.test("R11: an overdue probe is announced with how long it took and its deadline, also from before a reset", () => {
  const { breaker, clock } = bench(OPENS);
  const events: OverdueProbeEvent[] = [];
  breaker.on("overdueProbe", (event) => events.push(event));
  fail(breaker);
  clock.advance("1s");
  const probe = breaker.tryAcquire();
  clock.advance("1.5s");
  breaker.reset();
  probe?.success();
  assert.deepEqual(events, [{ breaker: "b", tookMs: 1_500, deadlineMs: 1_000 }]);
  assert.equal(breaker.counts.overdueProbes, 1);
  assert.equal(breaker.snapshot().slowestProbeMs, 0);
});

Deno.test("R11: an overdue probe is logged with what to set", () => {
  const warnings: unknown[] = [];
  const logger = { ...SILENT, warn: (...line: unknown[]) => void warnings.push(...line) };
  const { breaker, clock } = bench(OPENS, { logger });
  fail(breaker);
  clock.advance("1s");
  const probe = breaker.tryAcquire();
  clock.advance("1.5s");
  probe?.failure();
  assert.deepEqual(warnings, [
    'Breaker "b": a probe took 1.5s and had failed after 1s: set halfOpen.probeTimeout to more ' +
    "if this dependency may take so long",
    { breaker: "b", tookMs: 1_500, deadlineMs: 1_000 },
  ]);
});

const LIMITS: readonly (readonly [own: number | null | undefined, deadlineMs: number])[] = [
  [undefined, 3_000],
  [null, 1_000],
  [5_000, 5_000],
  [500, 1_000],
];

for (const [timeout, deadlineMs] of LIMITS) {
  Deno.test(`R11: under a policy of 3 s, a probe whose own time limit is ${timeout} has ${deadlineMs} ms`, async () => {
    const clock = new ManualClock();
    const { breaker } = bench({ ...OPENS, timeout: "3s" }, { clock });
    fail(breaker);
    clock.advance("1s");
    const { promise, resolve } = Promise.withResolvers<string>();
    const call = breaker.do(() => promise, timeout === undefined ? {} : { timeout });
    const ended = call.catch(() => {});
    clock.advance(Math.min(deadlineMs, timeout ?? deadlineMs) - 1);
    assert.equal(breaker.state, "half-open");
    clock.advance(1);
    assert.equal(breaker.state, "open");
    resolve("late");
    await ended;
  });
}
