import type { Figures, Lookup, Spread } from "./figures.ts";
import type { Unit } from "./sample.ts";

/** A budget of the design's section 7, and how it is computed within one round. */
export interface Budget {
  readonly what: string;
  /** What is compared. */
  readonly how: string;
  readonly unit: Unit | "ratio";
  /** Met at or below this. */
  readonly limit: number;
  readonly measure: (get: Lookup) => number;
  /** The least that anything of this kind can come to, and why. */
  readonly floor?: Floor;
}

/** What a budget could come to at best. */
export interface Floor {
  readonly measure: (get: Lookup) => number;
  /** What it is the cost of, and what stands in the way of less. */
  readonly why: string;
}

/** How a budget came out. */
export interface Verdict {
  readonly budget: Budget;
  /** `undefined`: not measured. */
  readonly measured: Spread | undefined;
  /** The floor as measured; `undefined`: the budget has none, or it was not measured. */
  readonly floor: Spread | undefined;
  /** By the median. */
  readonly outcome:
    | "met"
    | "met, not in every round"
    | "missed"
    | "missed, not in every round"
    | "not measured";
}

/** The least that a guard around a promise does: what `bench/NOTES.md` calls `then` alone. */
const THEN = "bare then, shared handlers";
const THEN_IS_THE_FLOOR =
  "`promise.then` with two functions made beforehand, which count nothing: whoever wants to know how a promise " +
  "settled, and leaves an unawaited failure unhandled, pays it. Above it stand some 15 ns: whether the call passes, the " +
  "shared clock reading, the epoch, the window and the totals.";

const WINDOWS = ["consecutive", "count window", "time window"];
const SLOW = WINDOWS.map((window) => `${window}, slow calls`);
const ALL_POLICIES = [
  ...WINDOWS,
  ...SLOW,
  "count window, every criterion",
  "time window, every criterion",
];
const SIZES = ["10", "100", "1,000", "10,000", "100,000", "1,000,000"];
const BUCKETS = ["1", "10", "100", "1,000", "3,600"];

/** How calls are made. */
type Load =
  | "one call at a time, settled at once"
  | "one call at a time, settling later"
  | "100 in flight"
  | "10,000 in flight";

/** What a group's name ends with under each load. */
const SUFFIXES: Record<Load, string> = {
  "one call at a time, settled at once": "",
  "one call at a time, settling later": ", settling later",
  "100 in flight": ", in flight: 100 calls",
  "10,000 in flight": ", in flight: 10000 calls",
};
const LOADS: readonly Load[] = [
  "one call at a time, settled at once",
  "one call at a time, settling later",
  "100 in flight",
  "10,000 in flight",
];

/** The budgets of the design's section 7. */
export const BUDGETS: readonly Budget[] = [
  ...LOADS.map((load): Budget => ({
    what: `\`do\`, closed, any window, slow-call detection on; ${load}`,
    how: "dearest overhead / a bare async wrapper's",
    unit: "ratio",
    limit: 1,
    measure: (get) => {
      const over = overhead(get, "hot_path", `do, closed${SUFFIXES[load]}`, "bare call");
      return Math.max(...SLOW.map((name) => over(`do, ${name}`))) / over("bare async wrapper");
    },
    floor: {
      measure: (get) => {
        const over = overhead(get, "hot_path", `do, closed${SUFFIXES[load]}`, "bare call");
        return over(THEN) / over("bare async wrapper");
      },
      why: THEN_IS_THE_FLOOR,
    },
  })),
  ...LOADS.flatMap(peerBudgets),
  peerBudget("consecutive", "opossum", 1 / 40, "one call at a time, settled at once"),
  ...["doSync", "permit"].map((way): Budget => ({
    what: `\`${way}\`, closed, any policy`,
    how: "dearest time - the bare call's",
    unit: "ns",
    limit: 15,
    measure: (get) => {
      const over = overhead(get, "hot_path", "sync, closed", "bare call");
      return Math.max(...ALL_POLICIES.map((name) => over(`${way}, ${name}`)));
    },
    floor: {
      measure: (get) => {
        const over = overhead(get, "hot_path", "floor", "empty function");
        return 2 * over("shared clock reading");
      },
      why:
        "two shared clock readings, one at each end. Above it stand some twenty loads and comparisons " +
        "(does the call pass, is the admission this breaker's, has its epoch or policy changed, which window) " +
        "and, for a permit, one object. All policies run in one process, which makes each of these a choice " +
        "among several; with one policy it is 5 to 8 ns less.",
    },
  })),
  {
    what: "refused permit",
    how: "time - an empty function's",
    unit: "ns",
    limit: 10,
    measure: (get) => overhead(get, "hot_path", "refused, sync", "empty function")("permit"),
    floor: {
      measure: (get) =>
        overhead(get, "hot_path", "floor", "empty function")("shared clock reading"),
      why:
        "one shared clock reading. Above it stand whether the open time is over or a policy has changed, why the call is refused, " +
        "the count of refusals by reason, and whether anybody listens, to this breaker or to all.",
    },
  },
  {
    what: "refused `do` that throws",
    how: "time / cockatiel's",
    unit: "ratio",
    limit: 1 / 3,
    measure: (get) =>
      get("peers", "open, refused", "switchgear, consecutive") /
      get("peers", "open, refused", "cockatiel, consecutive"),
  },
  flat("count window of 10 to 1,000,000", "window size", SIZES),
  flat("time window of 1 to 3,600 buckets", "window buckets", BUCKETS),
  ...["switchgear, of a provider", "switchgear, createBreaker"].flatMap((name) => [
    bytes(name, "unused", 350),
    bytes(name, "used", 600),
  ]),
  {
    ...bytes("switchgear, of a provider, time window", "used", 600),
    floor: {
      measure: (get) =>
        get("memory", "bytes, unused", "switchgear, of a provider, time window") + 10 * 3 * 8 + 32 +
        16,
      why:
        "an unused breaker, and ten buckets of three numbers (calls, failures, when the last one settled) in an " +
        "array. Above it stand the window's own totals and bounds and the breaker's evidence. Fewer numbers a bucket " +
        "would break R14 (what is young enough is kept by when it settled).",
    },
  },
  {
    what: "timers of a breaker, unused or used",
    how: "alive",
    unit: "timers",
    limit: 0,
    measure: (get) =>
      Math.max(
        ...["unused", "used"].map((when) =>
          get("memory", `live timers, ${when}`, "switchgear, of a provider")
        ),
      ),
  },
  {
    what: "a million breakers in one process",
    how: "time of a call to each in turn (no limit: that it runs)",
    unit: "ns",
    limit: Infinity,
    measure: (get) => get("scale", "breakers in turn", "1,000,000 breakers"),
  },
  {
    what: "`getBreaker` among 100,000",
    how: "time / a bare `Map.get`'s",
    unit: "ratio",
    limit: 3,
    measure: (get) =>
      get("scale", "lookup among 100,000", "getBreaker") /
      get("scale", "lookup among 100,000", "Map.get"),
  },
  {
    what: "default policy changed under 100,000 breakers",
    how: "longest stall of the event loop until it is in force",
    unit: "ms",
    limit: 10,
    measure: (get) =>
      get("stall", "default policy changed under 100,000 breakers", "until it is in force"),
  },
];

function overhead(
  get: Lookup,
  suite: string,
  group: string,
  bare: string,
): (name: string) => number {
  return (name) => get(suite, group, name) - get(suite, group, bare);
}

function peerBudgets(load: Load): Budget[] {
  return [
    peerBudget("consecutive", "cockatiel, consecutive", 1 / 4, load),
    peerBudget("count window", "cockatiel, count", 1 / 4, load),
    peerBudget("every criterion", "cockatiel, sampling", 1 / 3, load),
    peerBudget("every criterion, time window", "cockatiel, sampling", 1 / 3, load),
    peerBudget("consecutive", "opossum, no timeout", 1 / 10, load),
  ];
}

function peerBudget(ours: string, peer: string, limit: number, load: Load): Budget {
  return {
    what: `\`do\`, ${ours}; ${load}`,
    how: `overhead / that of ${peer}`,
    unit: "ratio",
    limit,
    measure: (get) => {
      const over = overhead(get, "peers", `closed, success${SUFFIXES[load]}`, "bare call");
      return over(`switchgear, ${ours}`) / over(peer);
    },
    floor: {
      measure: (get) => {
        const over = overhead(get, "peers", `closed, success${SUFFIXES[load]}`, "bare call");
        return over(THEN) / over(peer);
      },
      why: THEN_IS_THE_FLOOR,
    },
  };
}

function flat(what: string, group: string, names: readonly string[]): Budget {
  return {
    what: `${what}: flat`,
    how: "dearest time / cheapest; within a quarter",
    unit: "ratio",
    limit: 1.25,
    measure: (get) => {
      const times = names.map((name) => get("scale", group, name));
      return Math.max(...times) / Math.min(...times);
    },
  };
}

function bytes(name: string, when: "unused" | "used", limit: number): Budget {
  return {
    what: `memory, ${when}: ${name.replace("switchgear, ", "")}`,
    how: "bytes per breaker",
    unit: "B",
    limit,
    measure: (get) => get("memory", `bytes, ${when}`, name),
  };
}

/** Judges budgets by figures. */
export function judge(budgets: readonly Budget[], figures: Figures): Verdict[] {
  return budgets.map((budget) => {
    const measured = figures.derive(budget.measure);
    const floor = budget.floor && figures.derive(budget.floor.measure);
    return { budget, measured, floor, outcome: outcomeOf(measured, budget.limit) };
  });
}

function outcomeOf(measured: Spread | undefined, limit: number): Verdict["outcome"] {
  if (measured === undefined) return "not measured";
  const { median, low, high } = measured;
  if (median <= limit) return high <= limit ? "met" : "met, not in every round";
  return low > limit ? "missed" : "missed, not in every round";
}
