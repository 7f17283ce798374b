import FakeTimers from "npm:@sinonjs/fake-timers@15.5.0";
import type { FakeTimers as Fakes } from "./faked_check.ts";

let clock: FakeTimers.Clock | undefined;

/** Sinon's fake timers: every global that they know, `queueMicrotask` and `performance` among them. */
export const SINON_FAKES: Fakes = {
  fakesPerformance: true,
  install: () => {
    clock = FakeTimers.install();
  },
  restore: () => {
    clock?.uninstall();
    clock = undefined;
  },
  advance: async (ms) => {
    await clock?.tickAsync(ms);
  },
};
