/** What conformance cases of R23 cannot see: what is told of a trip by hand. */
import assert from "node:assert/strict";
import { BreakerOpenError, restoreBreaker, type StateChangeEvent } from "../../mod.ts";
import { bench, fail, succeed } from "../support/breaker_bench.ts";

const REASON = "deploy of payments";

Deno.test("R23: the trip says that it was made by hand and why, with the counts, and compares nothing", () => {
  const { breaker, clock } = bench({ failureThreshold: 5 });
  fail(breaker, 2);
  clock.advance(7);
  breaker.tripNow({ reason: REASON });
  const { trip } = breaker;
  assert.deepEqual(trip, {
    criterion: "manual",
    reason: REASON,
    counts: {
      ...{ calls: 2, successes: 0, failures: 2, slow: 0, timeouts: 0 },
      consecutiveFailures: 2,
    },
    at: 7,
  });
  assert(Object.isFrozen(trip) && Object.isFrozen(trip?.counts));
});

Deno.test("R23: counts of a trip by hand hold what the time window holds by then", () => {
  const { breaker, clock } = bench({ window: { kind: "time", duration: "10s" } });
  fail(breaker, 2);
  clock.advance("20s");
  breaker.tripNow();
  assert.equal(breaker.trip?.counts.calls, 0);
});

Deno.test("R23: a refusal says who tripped the breaker, and why", async () => {
  const { breaker } = bench();
  breaker.tripNow({ reason: REASON });
  await assert.rejects(breaker.do(() => "value"), (error) => {
    assert(error instanceof BreakerOpenError);
    assert.match(error.message, /tripped by tripNow\("deploy of payments"\)/);
    return true;
  });
});

Deno.test("R23: a reopening by hand is announced with its cause and reason, and with the trip before", () => {
  const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "1s" });
  const events: StateChangeEvent[] = [];
  breaker.on("stateChange", (event) => events.push(event));
  fail(breaker);
  clock.advance("1s");
  breaker.tripNow({ reason: REASON });
  const { cause, reason, from, to, trip } = events.at(-1) ?? {};
  assert.deepEqual([cause, reason, from, to], ["manual", REASON, "half-open", "open"]);
  assert.equal(trip?.criterion, "failureThreshold");
});

Deno.test("R23: a random source that resets the breaker while it is asked leaves nothing to trip", () => {
  const { breaker } = bench({}, {
    random: () => {
      breaker.reset();
      return 0;
    },
  });
  succeed(breaker);
  breaker.tripNow();
  assert.equal(breaker.state, "closed");
});

Deno.test("R23: the reason outlives a restart", () => {
  const { breaker } = bench();
  breaker.tripNow({ reason: REASON });
  const restored = restoreBreaker(JSON.parse(JSON.stringify(breaker.snapshot())));
  assert.equal(restored.trip?.reason, REASON);
});

Deno.test("R23: a reason that is no string is refused, and trips nothing", () => {
  const { breaker } = bench();
  assert.throws(
    () => Reflect.apply(breaker.tripNow, breaker, [{ reason: 7 }]),
    /^TypeError: Cannot trip breaker "b": "reason" must be a string, received 7$/,
  );
  assert.equal(breaker.state, "closed");
});
