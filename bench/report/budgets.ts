import type { Budget, BudgetSection, Measure } from "./budget.ts";
import type { Lookup } from "./figures.ts";
import type { Unit } from "./sample.ts";

const THEN = "bare then, shared handlers";
const BARE = "bare call";

/** Every kind of policy without a time limit. */
const POLICIES = [
  "consecutive",
  "count window",
  "time window",
  "consecutive, slow calls",
  "count window, slow calls",
  "time window, slow calls",
  "count window, every criterion",
  "time window, every criterion",
];

/** How calls are made, and what a group's name ends with then. */
const LOADS: Readonly<Record<string, string>> = {
  "settled at once": "",
  "settling later": ", settling later",
  "100 in flight": ", in flight: 100 calls",
  "10,000 in flight": ", in flight: 10000 calls",
};
const TIMEOUT_LOADS = ["settled at once", "settling later", "100 in flight"];

const OPOSSUM = "opossum, default";
const COCKATIEL = "cockatiel, aggressive";
const TIMER = "setTimeout and clearTimeout";

/** The budgets of what is there today. */
export const BUDGETS: readonly BudgetSection[] = [
  {
    title: "`do` on a closed breaker, any policy without a time limit",
    about:
      "The time over `promise.then` with two functions that all calls share. That is what a guard of promises " +
      "pays before it counts anything.",
    budgets: Object.entries(LOADS).map(([what, suffix]): Budget => ({
      what,
      unit: "ns",
      limit: 20,
      cases: ofPolicies((policy) => (get) => {
        const group = `do, closed${suffix}`;
        return get("hot_path", group, `do, ${policy}`) - get("hot_path", group, THEN);
      }),
    })),
  },
  {
    title: "`do` with a policy's `timeout`, on Deno",
    about:
      "The overhead as a share of the peer's. opossum is as it is by default, with a time limit of ten seconds. " +
      "cockatiel is its breaker around its timeout, which is aggressive: like ours, it ends a call that heeds no " +
      "signal. The floor is a timer of its own for each call, set before and cleared after, on top of `then`: who " +
      "shares a timer among calls can be below it.",
    budgets: [
      ...timeoutBudgets("Deno", "switchgear, do", OPOSSUM, 1 / 6),
      ...timeoutBudgets("Deno", "switchgear, do", COCKATIEL, 1 / 15),
    ],
  },
  {
    title: "`wrap` with a policy's `timeout`, on Node 24",
    about:
      "The same on Node, with the package as npm installs it, and no signal that is handed on.",
    budgets: timeoutBudgets("Node", "switchgear, wrap", OPOSSUM, 1 / 4),
  },
  {
    title: "`doSync` and permits, closed",
    about: "The time over the bare call, with every policy in one process.",
    budgets: ["doSync", "permit"].map((way): Budget => ({
      what: `\`${way}\``,
      unit: "ns",
      limit: 20,
      cases: ofPolicies((policy) =>
        overhead("hot_path", "sync, closed", `${way}, ${policy}`, BARE)
      ),
    })),
  },
  {
    title: "Refused",
    about:
      "The permit's time is over an empty function. The time of `do` ends where its error is caught, and is a share of " +
      "cockatiel's: each call has an error of its own, or all share one where that is asked for. That a refused permit, and a refused `do` " +
      "with a fallback, make no error is no matter of time: `tests/structure_test.ts` checks it.",
    budgets: [
      {
        what: "permit",
        unit: "ns",
        limit: 10,
        cases: { permit: overhead("hot_path", "refused, sync", "permit", "empty function") },
      },
      refusedBudget("`do` that throws an error of its own", "switchgear, consecutive", 0.9),
      refusedBudget("`do` that throws, one error for all", "switchgear, one error for all", 0.15),
    ],
  },
  {
    title: "Memory and timers",
    about: "Of one breaker among 50,000, after 120 calls.",
    budgets: [
      memory("bytes, a count window", "bytes, used", "B", 600, [
        "switchgear, of a provider",
        "switchgear, createBreaker",
        "switchgear, createBreaker, every criterion",
        "switchgear, createBreaker with settings",
      ]),
      memory("bytes, a time window", "bytes, used", "B", 800, [
        "switchgear, of a provider, time window",
      ]),
      memory("timers while idle", "live timers, used", "timers", 0, [
        "switchgear, of a provider",
        "switchgear, of a provider, time window",
        "switchgear, createBreaker",
        "switchgear, createBreaker, every criterion",
        "switchgear, createBreaker with settings",
      ]),
    ],
  },
  {
    title: "A million breakers in one process",
    about:
      "There is no limit but that it runs. The time is that of a call to each of them in turn.",
    budgets: [
      {
        what: "runs",
        unit: "ns",
        limit: Infinity,
        cases: { call: (get) => get("scale", "breakers in turn", "1,000,000 breakers") },
      },
    ],
  },
];

function ofPolicies(measure: (policy: string) => Measure): Record<string, Measure> {
  return Object.fromEntries(POLICIES.map((policy) => [policy, measure(policy)]));
}

function overhead(suite: string, group: string, name: string, bare: string): Measure {
  return (get) => get(suite, group, name) - get(suite, group, bare);
}

function timeoutBudgets(
  runtime: "Deno" | "Node",
  ours: string,
  peer: string,
  limit: number,
): Budget[] {
  return TIMEOUT_LOADS.map((load): Budget => {
    const over = (get: Lookup, name: string): number =>
      overhead(`timeouts on ${runtime}`, `timeout, closed${LOADS[load]}`, name, BARE)(get);
    return {
      what: `${peer.replace(/,.*/, "")}; ${load}`,
      unit: "ratio",
      limit,
      cases: { [ours]: (get) => over(get, ours) / over(get, peer) },
      floor: (get) => over(get, TIMER) / over(get, peer),
    };
  });
}

function refusedBudget(what: string, ours: string, limit: number): Budget {
  const cases = {
    do: (get: Lookup) =>
      get("peers", "open, refused", ours) / get("peers", "open, refused", "cockatiel, consecutive"),
  };
  return { what, unit: "ratio", limit, cases };
}

function memory(
  what: string,
  group: string,
  unit: Unit,
  limit: number,
  names: readonly string[],
): Budget {
  const cases = names.map((name) => [
    name.replace("switchgear, ", ""),
    (get: Lookup) => get("memory", group, name),
  ]);
  return { what, unit, limit, cases: Object.fromEntries(cases) };
}
