import { FAST as FAST_DEMO, FULL as FULL_DEMO, type Scenario } from "../../cli/demo/scenario.ts";

/** How long the parts of the demo last, and under which policies. Times are in milliseconds. */
export interface Timing {
  /** What the callers go by, and the policy at the start. Its phases are not played here. */
  readonly scenario: Scenario;
  /** Quiet traffic before the first edit: what latency is compared with. */
  readonly steadyMs: number;
  /** Quiet traffic while etcd is down. */
  readonly downMs: number;
  /** How long the service fails, each of the two times. */
  readonly failingMs: number;
  /** The `failureThreshold` set before etcd is killed. */
  readonly editedThreshold: number;
  /** The `openStateTimeout` set right after etcd's restart. */
  readonly editedOpenTime: string;
}

const POLICY = {
  failureThreshold: 10,
  successThreshold: 3,
  timeout: "800ms",
  halfOpen: { probeTimeout: "1s" },
} as const;

/** The demo as people watch it: about 15 s. */
export const FULL: Timing = {
  scenario: { ...FULL_DEMO, phases: [], policy: { ...POLICY, openStateTimeout: "2s" } },
  steadyMs: 2_500,
  downMs: 3_000,
  failingMs: 1_200,
  editedThreshold: 5,
  editedOpenTime: "700ms",
};

/** The same for tests: about 6 s. */
export const FAST: Timing = {
  scenario: { ...FAST_DEMO, phases: [], policy: { ...POLICY, openStateTimeout: "600ms" } },
  steadyMs: 1_200,
  downMs: 1_200,
  failingMs: 500,
  editedThreshold: 5,
  editedOpenTime: "300ms",
};
