import assert from "node:assert/strict";
import { FAILURE, SUCCESS } from "../../src/breaker/window/outcome.ts";
import { TimeWindow } from "../../src/breaker/window/time_window.ts";
import { reshapeWindow } from "../../src/breaker/window/window_shape.ts";

const MS = 1e6;
const SHAPE = { duration: 1_000 * MS, buckets: 10 };
const ONE_CALL = { calls: 1, failures: 1, slow: 0, timeouts: 0 };

function lastInstants(window: TimeWindow): number[] {
  return [...window.contents()].map(({ lastAt }) => lastAt / MS);
}

Deno.test("a time window takes back only buckets that it has", () => {
  const window = new TimeWindow(SHAPE, 1_050 * MS);
  for (const bucketsAgo of [-1, 10, 11]) {
    window.restore({ ...ONE_CALL, bucketsAgo, lastAt: 1_000 * MS });
    assert.equal(window.calls, 0, `${bucketsAgo} buckets ago`);
  }
  window.restore({ ...ONE_CALL, bucketsAgo: 9, lastAt: 150 * MS });
  assert.equal(window.calls, 1);
});

Deno.test("what is put into one bucket goes by the last of its outcomes, whatever the order, also before the clock's origin", () => {
  for (const place of [0, 3]) {
    for (const order of [[-700, -720], [-720, -700]]) {
      const window = new TimeWindow(SHAPE, 0);
      for (const lastMs of order) {
        window.restore({ ...ONE_CALL, bucketsAgo: place, lastAt: lastMs * MS });
      }
      assert.deepEqual([window.calls, lastInstants(window)], [2, [-700]]);
    }
    const window = new TimeWindow(SHAPE, 0);
    window.restore({ ...ONE_CALL, bucketsAgo: place, lastAt: -700 * MS });
    assert.deepEqual(lastInstants(window), [-700]);
  }
});

Deno.test("R14: an outcome that falls out of a shorter window's last bucket is out, and never counts as new", () => {
  const window = new TimeWindow({ duration: 10_000 * MS, buckets: 10 }, 0);
  window.record(FAILURE, 60 * MS);
  const at = 1_050 * MS;
  const shorter = window.reshaped(SHAPE, at);
  assert.equal(shorter.calls, 0);
  assert.equal(window.reshaped(SHAPE, 959 * MS).calls, 1);
});

Deno.test("R14: a time window is reshaped where its length or its buckets change, else it stays itself", () => {
  const window = new TimeWindow(SHAPE, 0);
  window.record(SUCCESS, 0);
  assert.equal(reshapeWindow(window, { ...SHAPE }, 0), window);
  for (const shape of [{ ...SHAPE, buckets: 5 }, { ...SHAPE, duration: 2_000 * MS }]) {
    const reshaped = reshapeWindow(window, shape, 0);
    assert(reshaped instanceof TimeWindow);
    assert.deepEqual([reshaped.shape, reshaped.calls], [shape, 1]);
  }
});
