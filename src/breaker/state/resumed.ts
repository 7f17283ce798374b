import type { Mode } from "../../policy/policy.ts";
import type { Criterion } from "../trip/trip_criteria.ts";
import type { Evidence } from "../window/evidence.ts";
import type { Holds } from "./holds.ts";
import type { ProbeTimes } from "./probe_times.ts";
import type { State } from "./state.ts";

/** What a machine goes on with that a snapshot was taken of. */
export interface Resumed {
  readonly state: State;
  readonly overridden: Mode | undefined;
  readonly crossed: Criterion | undefined;
  readonly evidence: Evidence;
  readonly probeTimes: ProbeTimes | undefined;
  readonly holds: Holds | undefined;
}
