import { createBreaker, InvalidPolicyError, restoreBreaker } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import type { Library } from "./library.ts";

/** The package as it stands in this repository. */
export const THIS_LIBRARY: Library = {
  createBreaker,
  restoreBreaker,
  InvalidPolicyError,
  ManualClock,
};
