import type { Happening } from "../../cli/demo/happening.ts";
import { type Ending, Ledger } from "../../cli/demo/ledger.ts";
import { FULL } from "../../cli/demo/scenario.ts";
import type { DemoView, SideView } from "../../cli/demo/view.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";

/** Calls that ended alike: how many, at what second, how, after how many milliseconds. */
export type Calls = readonly [count: number, second: number, ending: Ending, tookMs: number];

/** The policy of the demo at its start. */
export const START_POLICY = resolvePolicy(FULL.policy);

/** The policy after both edits. */
export const EDITED_POLICY = resolvePolicy(FULL.policy, {
  failureThreshold: 5,
  openStateTimeout: "1s",
});

/** What happens in a demo that goes as it should. */
export const HAPPENINGS: readonly Happening[] = [
  { kind: "edit", atMs: 500, changes: ["failureThreshold 10 -> 5"] },
  {
    kind: "policy",
    atMs: 600,
    afterMs: 100,
    changes: ["failureThreshold 10 -> 5"],
    policy: resolvePolicy(FULL.policy, { failureThreshold: 5 }),
  },
  {
    kind: "transition",
    atMs: 1100,
    from: "closed",
    to: "open",
    cause: "tripped",
    reason: "failureThreshold 5 reached 5",
    threshold: 5,
  },
  { kind: "edit", atMs: 1900, changes: ["openStateTimeout 5s -> 1s"] },
  {
    kind: "policy",
    atMs: 2000,
    afterMs: 100,
    changes: ["openStateTimeout 5s -> 1s"],
    policy: EDITED_POLICY,
  },
  opensForProbe(2100),
  {
    kind: "transition",
    atMs: 2200,
    from: "half-open",
    to: "open",
    cause: "probe-failure",
    reason: "the probe failed",
  },
  opensForProbe(3200),
  {
    kind: "transition",
    atMs: 3300,
    from: "half-open",
    to: "closed",
    cause: "recovered",
    reason: "enough probes succeeded",
  },
];

/** A view of the demo after four seconds, changed as the test wants it. */
export function demoView(changes: Partial<DemoView> = {}): DemoView {
  return {
    scenario: FULL,
    breaker: "inventory",
    url: "http://127.0.0.1:1/",
    elapsedMs: 4000,
    phases: FULL.phases.map((phase, index) => ({ phase, sinceMs: index * 1000 })),
    state: "closed",
    peek: { admitted: true },
    policy: EDITED_POLICY,
    happenings: HAPPENINGS,
    sides: {
      guarded: side([[40, 0, "ok", 20], [5, 1, "failed", 60], [35, 1, "refused", 0]], 5, 0),
      bare: side([[40, 0, "ok", 20], [40, 1, "failed", 60], [40, 3, "failed", 1000]], 40, 40),
    },
    ...changes,
  };
}

/** One side on which calls ended as given. */
export function side(calls: readonly Calls[], failing: number, hanging: number): SideView {
  const ledger = new Ledger();
  for (const [count, second, ending, tookMs] of calls) {
    for (let made = 0; made < count; made++) {
      const endedMs = second * 1000 + 500;
      ledger.asked(endedMs - tookMs);
      ledger.ended({ askedMs: endedMs - tookMs, endedMs, ending, probe: false });
    }
  }
  return {
    tallies: ledger.tallies(FULL.rowMs, 4000),
    records: ledger.records,
    received: { healthy: 40, failing, hanging },
  };
}

function opensForProbe(atMs: number): Happening {
  return {
    kind: "transition",
    atMs,
    from: "open",
    to: "half-open",
    cause: "open-timeout",
    reason: "open time over; the next call is a probe",
  };
}
