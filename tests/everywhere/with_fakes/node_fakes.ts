import { mock } from "node:test";
import type { FakeTimers } from "./faked_check.ts";

/** The mock timers of `node:test`: timers, immediates and `Date`. They fake neither `performance` nor microtasks. */
export const NODE_FAKES: FakeTimers = {
  fakesPerformance: false,
  install: () => mock.timers.enable(),
  restore: () => mock.timers.reset(),
  advance: async (ms) => {
    // In steps, between which promises settle: `tick` only fires what is set already.
    for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) {
      mock.timers.tick(Math.min(leftMs, STEP_MS));
      for (let job = 0; job < 100; job++) await undefined;
    }
  },
};

const STEP_MS = 500;
