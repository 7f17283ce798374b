import assert from "node:assert/strict";
import { formatDuration, parseDuration } from "../../../src/time/duration.ts";
import { goParseDuration } from "../../properties/go_duration.ts";
import { mutated } from "../mutate.ts";
import { NASTY_DURATIONS } from "../nasty.ts";
import type { FuzzTarget } from "../target.ts";

const PIECES = [
  "1",
  "9",
  "0",
  ".",
  "h",
  "m",
  "s",
  "ms",
  "us",
  "ns",
  "µs",
  "μs",
  "-",
  "+",
  "99",
  " ",
];

/** Durations: read as Go reads them, or a RangeError. */
export const DURATIONS: FuzzTarget = {
  name: "durations",
  short: 5_000,
  input: (draws) =>
    draws.chance(0.5)
      ? draws.list(8, () => draws.pick(PIECES)).join("")
      : mutated(draws, draws.pick(NASTY_DURATIONS)),
  check: (text) => {
    let ms: number;
    try {
      ms = parseDuration(text);
    } catch (error) {
      assert(error instanceof RangeError, String(error));
      assert(error.message.length < 600);
      assert(goParseDuration(text) === undefined || text.length > 256, "wrongly refused");
      return;
    }
    const ns = goParseDuration(text);
    assert(ns !== undefined, "wrongly accepted");
    assert(Math.abs(ms - Number(ns) / 1e6) <= Math.abs(ms) * 2 * Number.EPSILON);
    if (Math.abs(ms) < 2 ** 33) assert.equal(parseDuration(formatDuration(ms)), ms);
  },
};
