import type { Policy } from "../../src/policy/policy.ts";
import type { Behaviour } from "./service.ts";

/** One stretch of the demo, in which the services behave in one way. */
export interface Phase {
  /** Its name, in one word. */
  readonly name: string;
  /** How the services behave. */
  readonly behaviour: Behaviour;
  /** What goes on, in one sentence. */
  readonly story: string;
  /** How long it lasts, in milliseconds, if what it waits for has happened by then. */
  readonly lastsMs: number;
  /** What must have happened before the next phase may begin. */
  readonly awaits: Milestone;
  /** An edit of the policy file during the phase. */
  readonly edit?: PolicyEdit;
}

/** What a phase waits for. */
export type Milestone = "edit in force" | "opened" | "opened under the edit" | "closed";

/** An edit of the policy file. */
export interface PolicyEdit {
  /** When, in milliseconds after the phase began. */
  readonly afterMs: number;
  /** The fields that get another value. */
  readonly changes: Policy;
}

/** What the demo does. */
export interface Scenario {
  /** Calls per second, on each side. */
  readonly callsPerSecond: number;
  /** What one row of the table stands for, in milliseconds. */
  readonly rowMs: number;
  /** How much longer than planned a phase may wait for its milestone, in milliseconds. */
  readonly patienceMs: number;
  /** The policy at the start. */
  readonly policy: Policy & { readonly timeout: string };
  /** The phases in order. */
  readonly phases: readonly Phase[];
}

interface Timing {
  readonly healthyMs: number;
  readonly failingMs: number;
  readonly hangingMs: number;
  readonly recoveredMs: number;
  readonly editAfterMs: number;
  readonly openStateTimeout: string;
  readonly editedOpenStateTimeout: string;
  readonly timeout: string;
}

/** The demo as people watch it: 28 s, and 36 s at the very most. */
export const FULL: Scenario = {
  callsPerSecond: 40,
  rowMs: 1000,
  patienceMs: 2000,
  ...story({
    healthyMs: 6000,
    failingMs: 6000,
    hangingMs: 8000,
    recoveredMs: 8000,
    editAfterMs: 2500,
    openStateTimeout: "5s",
    editedOpenStateTimeout: "1s",
    timeout: "800ms",
  }),
};

/** The same for tests: 6.4 s, and 8.8 s at the very most. */
export const FAST: Scenario = {
  callsPerSecond: 40,
  rowMs: 400,
  patienceMs: 600,
  ...story({
    healthyMs: 1400,
    failingMs: 1400,
    hangingMs: 2200,
    recoveredMs: 1400,
    editAfterMs: 500,
    openStateTimeout: "1.2s",
    editedOpenStateTimeout: "300ms",
    timeout: "250ms",
  }),
};

function story(timing: Timing): Pick<Scenario, "policy" | "phases"> {
  const { timeout, editAfterMs, openStateTimeout, editedOpenStateTimeout } = timing;
  return {
    policy: { failureThreshold: 10, openStateTimeout, successThreshold: 3, timeout },
    phases: [
      {
        name: "healthy",
        behaviour: "healthy",
        story: "The service answers within 40 ms.",
        lastsMs: timing.healthyMs,
        awaits: "edit in force",
        edit: { afterMs: editAfterMs, changes: { failureThreshold: 5 } },
      },
      {
        name: "failing",
        behaviour: "failing",
        story: "The service answers every call with status 500.",
        lastsMs: timing.failingMs,
        awaits: "opened",
      },
      {
        name: "hanging",
        behaviour: "hanging",
        story: `The service answers no call; without a breaker each waits for ${timeout}.`,
        lastsMs: timing.hangingMs,
        awaits: "opened under the edit",
        edit: { afterMs: editAfterMs, changes: { openStateTimeout: editedOpenStateTimeout } },
      },
      {
        name: "recovered",
        behaviour: "healthy",
        story: "The service answers again within 40 ms.",
        lastsMs: timing.recoveredMs,
        awaits: "closed",
      },
    ],
  };
}
