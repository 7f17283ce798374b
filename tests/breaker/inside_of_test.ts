import assert from "node:assert/strict";
import { type Breaker, createBreaker, systemClock } from "../../mod.ts";
import { insideOf } from "../../src/breaker/inside_of.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";

/** Where breakers of all copies of the package answer. */
const INSIDE = Symbol.for("@switchgear/breaker/inside");

/** A breaker of somebody's own making: the public face of one, and behind it nothing, or what is given. */
function lookalike(breaker: Breaker, inside?: unknown): Breaker {
  return new Proxy(breaker, {
    get: (target, key) => {
      if (key === INSIDE) return inside;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** What the console is told of errors meanwhile. */
function told(body: () => void): unknown[][] {
  const { error } = console;
  const lines: unknown[][] = [];
  console.error = (...line) => lines.push(line);
  try {
    body();
  } finally {
    console.error = error;
  }
  return lines;
}

Deno.test("a breaker answers with the settings that it was given", () => {
  const clock = new ManualClock();
  const logger = new KeptLog();
  const isIgnored = (error: unknown): boolean => error === "ignored";
  const isFailure = (error: unknown): boolean => error !== "answered";
  const inside = insideOf(createBreaker("users", {}, { clock, logger, isIgnored, isFailure }));
  assert.equal(inside.clock, clock);
  assert.deepEqual([inside.isIgnored, inside.isFailure], [isIgnored, isFailure]);
  assert.deepEqual(["ignored", "answered", "down"].map((error) => inside.fails(error)), [
    false,
    false,
    true,
  ]);
  inside.report("late failed", new Error("gone"));
  assert.deepEqual(logger.lines, ['error: Breaker "users": late failed']);
});

Deno.test("a breaker answers with the error of the call that it has just refused", () => {
  const breaker = createBreaker("users", { mode: "forced-open" });
  assert.equal(breaker.tryAcquire(), undefined);
  assert.equal(insideOf(breaker).refusal().reason, "forced");
});

Deno.test("one of somebody's own making is taken as without settings", () => {
  const inside = insideOf(lookalike(createBreaker("users", {}, { isIgnored: () => true })));
  assert.equal(inside.clock, systemClock);
  assert.deepEqual([inside.isIgnored, inside.isFailure], [undefined, undefined]);
  assert.equal(inside.fails(new Error("down")), true);
  const error = new Error("gone");
  const lines = told(() => inside.report("late failed", error));
  assert.deepEqual(lines, [['Breaker "users": late failed: gone', { breaker: "users", error }]]);
});

Deno.test("one of somebody's own making says by its peek why it refuses", () => {
  const clock = new ManualClock();
  const breaker = createBreaker("users", { failureThreshold: 1, openStateTimeout: "1m" }, {
    clock,
  });
  breaker.tryAcquire()?.failure();
  const refusal = insideOf(lookalike(breaker)).refusal();
  assert.deepEqual(
    [refusal.breaker, refusal.state, refusal.reason, refusal.retryAfterMs],
    ["users", "open", "open", 60_000],
  );
  assert.equal(refusal.trip?.criterion, "failureThreshold");
});

Deno.test("one of somebody's own making may admit calls again by the time that it is asked", () => {
  const refusal = insideOf(lookalike(createBreaker("users"))).refusal();
  assert.deepEqual(
    [refusal.breaker, refusal.state, refusal.reason, refusal.retryAfterMs],
    ["users", "closed", "open", 0],
  );
});

Deno.test("a breaker of another copy answers, and is asked for nothing in particular", () => {
  const asked: unknown[][] = [];
  const inside = { fails: () => false };
  const breaker = lookalike(createBreaker("users"), (...args: unknown[]) => {
    asked.push(args);
    return inside;
  });
  assert.equal(insideOf(breaker), inside);
  assert.deepEqual(asked, [[]]);
});

for (const answer of [undefined, null, 7, "users"]) {
  Deno.test(`one that answers ${answer} is taken as without settings`, () => {
    const breaker = lookalike(createBreaker("users"), () => answer);
    assert.equal(insideOf(breaker).clock, systemClock);
  });
}

Deno.test("copies of the package agree on where breakers answer, and of which kind they are", () => {
  const breaker = createBreaker("users");
  assert.equal(typeof Reflect.get(breaker, INSIDE), "function");
  assert.equal(Reflect.get(breaker, "switchgearLayer"), "breaker");
});
