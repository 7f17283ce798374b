import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { type Breaker, BreakerOpenError } from "../../mod.ts";
import { anySmallPolicy, anySteps } from "./any_history.ts";
import { holds } from "./settings.ts";
import { takeTogether, Twin } from "./twin.ts";

function refusalOf(breaker: Breaker): BreakerOpenError {
  try {
    breaker.doSync(() => {});
  } catch (error) {
    if (error instanceof BreakerOpenError) return error;
  }
  throw new Error("The call was not refused");
}

Deno.test("R18: a shared refusal's error tells at any time what a look tells, and nothing is left once its opening is over", () => {
  const reached = new Set<string>();
  holds(
    fc.property(anySmallPolicy, anySteps, (policy, steps) => {
      const twin = Twin.fresh(policy, { freshErrors: false });
      const { breaker, clock } = twin;
      let openings = 0;
      breaker.on("stateChange", () => openings++);
      const kept: { error: BreakerOpenError; opening: number; since: number }[] = [];
      for (const [index, step] of steps.entries()) {
        takeTogether([twin], step);
        if (step.kind === "reset") openings++;
        // Between two modes that refuse, nothing tells when one opening became the other.
        if (step.kind === "override") kept.length = 0;
        const peek = breaker.peek();
        const now = clock.now();
        for (const { error, opening, since } of kept) {
          const { reason, retryAfterMs } = error;
          const hasTime = reason === "open" || reason === "ramping";
          if (opening !== openings) {
            assert.equal(retryAfterMs, hasTime ? 0 : undefined, `${reason}, over at step ${index}`);
            reached.add(`${reason} over`);
          } else if (!peek.admitted && peek.reason === reason) {
            assert.equal(retryAfterMs, peek.retryAfterMs, `${reason}, at step ${index}`);
            if (since < now) reached.add(`${reason} later`);
          }
        }
        if (!peek.admitted) kept.push({ error: refusalOf(breaker), opening: openings, since: now });
      }
    }),
    { runs: 800 },
  );
  const wanted = ["open later", "open over", "ramping later", "ramping over", "forced later"];
  assert.deepEqual(wanted.filter((each) => !reached.has(each)), []);
});

Deno.test("R18: a refusal's own error says for ever what a look said at the refusal, whatever other callers write on theirs", () => {
  const reached = new Set<string>();
  holds(
    fc.property(anySmallPolicy, anySteps, (policy, steps) => {
      const twin = Twin.fresh(policy);
      const kept: { error: BreakerOpenError; told: string }[] = [];
      for (const step of steps) {
        takeTogether([twin], step);
        const peek = twin.breaker.peek();
        if (peek.admitted) continue;
        const { admitted: _admitted, ...why } = peek;
        const error = refusalOf(twin.breaker);
        const told = JSON.stringify(error);
        const { code, ...fields } = JSON.parse(told);
        assert.deepEqual([code, fields], ["BREAKER_OPEN", JSON.parse(JSON.stringify(why))]);
        error.message = "taken";
        kept.push({ error, told });
        reached.add(error.reason);
      }
      for (const { error, told } of kept) assert.equal(JSON.stringify(error), told);
      assert.equal(new Set(kept.map(({ error }) => error)).size, kept.length);
    }),
    { runs: 400 },
  );
  assert.deepEqual(["open", "ramping", "forced"].filter((each) => !reached.has(each)), []);
});
