/** Calls through closed breakers, one for each kind of policy, and the bare call beside them. */
import { createBreaker, type Policy } from "../../mod.ts";
import { flightGroup, FLIGHTS } from "../flight.ts";
import type { AsyncGroup, FlightGroup, Group, SyncGroup } from "../in_turn.ts";
import {
  type AsyncWork,
  type Guard,
  keep,
  LATE,
  nextLateWork,
  nextSyncWork,
  nextWork,
} from "../work.ts";

const DO = "do, closed";
const BARE = "bare call";

/** The policies that slow calls are counted by. */
export const SLOW: Policy = { slowCallThreshold: "1s", slowCallRateThreshold: 0.5 };
const ALL: Policy = { ...SLOW, failureRateThreshold: 0.5, timeoutRateThreshold: 0.5 };
const TIME: Policy = { window: { kind: "time", duration: "10s", buckets: 10 } };

/** Every kind of policy without a time limit. */
const POLICIES: Record<string, Policy> = {
  "consecutive": {},
  "count window": { failureRateThreshold: 0.5 },
  "time window": { ...TIME, failureRateThreshold: 0.5 },
  "consecutive, slow calls": SLOW,
  "count window, slow calls": { ...SLOW, failureRateThreshold: 0.5 },
  "time window, slow calls": { ...SLOW, ...TIME, failureRateThreshold: 0.5 },
  "count window, every criterion": ALL,
  "time window, every criterion": { ...ALL, ...TIME },
};

const passOn = (value: number): number => value;
const rethrow = (error: unknown): never => {
  throw error;
};

function guards(): Record<string, Guard> {
  const guards: Record<string, Guard> = {
    [BARE]: (operation) => operation(),
    "bare async wrapper": async (operation) => await operation(),
    "bare then, shared handlers": (operation) => operation().then(passOn, rethrow),
  };
  for (const [name, policy] of Object.entries(POLICIES)) {
    const breaker = createBreaker(name, policy);
    guards[`do, ${name}`] = (operation) => breaker.do(operation);
  }
  const wrapped = createBreaker("wrapped").wrap((operation: AsyncWork) => operation());
  guards["wrap, consecutive"] = (operation) => wrapped(operation);
  // Breakers that are called in turn share no handlers.
  const twins = [createBreaker("one"), createBreaker("other")];
  let turn = 0;
  guards["do, consecutive, two breakers in turn"] = (operation) =>
    twins[turn++ & 1]?.do(operation) ?? operation();
  return guards;
}

/** One call at a time through each guard, of what `next` gives. */
function oneAtATime(
  name: string,
  guards: Record<string, Guard>,
  next: () => AsyncWork,
): AsyncGroup {
  const calls = Object.entries(guards).map(([way, guard]) => [way, () => guard(next())] as const);
  return { kind: "async", name, baseline: BARE, ways: Object.fromEntries(calls) };
}

function closedSync(): SyncGroup {
  const ways: Record<string, () => void> = { [BARE]: () => keep(nextSyncWork()()) };
  for (const [name, policy] of Object.entries(POLICIES)) {
    const breaker = createBreaker(name, policy);
    ways[`doSync, ${name}`] = () => keep(breaker.doSync(nextSyncWork()));
    ways[`permit, ${name}`] = () => {
      const permit = breaker.tryAcquire();
      keep(nextSyncWork()());
      permit?.success();
    };
  }
  return { kind: "sync", name: "sync, closed", baseline: BARE, ways };
}

/** `do` under each load, `doSync` and permits. */
export function closedGroups(): Group[] {
  const ways = guards();
  const flights = FLIGHTS.map((calls): FlightGroup => ({
    kind: "flight",
    name: flightGroup(DO, calls),
    baseline: BARE,
    flight: { calls },
    ways,
  }));
  return [
    oneAtATime(DO, ways, nextWork),
    oneAtATime(`${DO}${LATE}`, ways, nextLateWork),
    ...flights,
    closedSync(),
  ];
}
