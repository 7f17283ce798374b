import assert from "node:assert/strict";
import { createBreaker, systemWallClock } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";

const NOON = Date.UTC(2026, 0, 1, 12);
const HOUR_MS = 3_600_000;

Deno.test("systemWallClock tells the time of day, also where a test has replaced it", () => {
  const original = Date.now;
  const before = original();
  const seen = systemWallClock();
  assert(seen >= before && seen <= original());
  Date.now = () => NOON;
  try {
    assert.equal(systemWallClock(), NOON);
  } finally {
    Date.now = original;
  }
});

Deno.test("ManualClock: the wall clock begins at what the clock reads, and moves with it", async () => {
  const clock = new ManualClock(250);
  const seen: number[] = [];
  clock.setTimeout(() => seen.push(clock.wallClock()), 10);
  assert.equal(clock.wallClock(), 250);
  await clock.tick(15);
  clock.advance("1.5ms");
  clock.advance(-0.25);
  assert.deepEqual([...seen, clock.wallClock()], [260, 266.25]);
});

Deno.test("ManualClock: the wall clock is set forwards and back, and neither time nor a timer moves", async () => {
  const clock = new ManualClock(0.1);
  let fired = 0;
  clock.setTimeout(() => fired++, HOUR_MS);
  clock.setWallClock(NOON);
  assert.equal(clock.wallClock(), NOON);
  clock.setWallClock(NOON - 24 * HOUR_MS);
  await clock.tick("59m");
  assert.equal(clock.wallClock(), NOON - 24 * HOUR_MS + 59 * 60_000);
  clock.setWallClock(NOON + 24 * HOUR_MS);
  await clock.tick();
  assert.deepEqual([fired, clock.now()], [0, 59 * 60_000 + 0.1]);
  await clock.tick("1m");
  assert.deepEqual([fired, clock.wallClock()], [1, NOON + 24 * HOUR_MS + 60_000]);
});

Deno.test("a wall clock that is no function is refused by name", () => {
  // @ts-expect-error -- a date is no clock
  assert.throws(() => createBreaker("b", {}, { wallClock: new Date() }), {
    name: "TypeError",
    message: /"b".*"wallClock"/,
  });
});
