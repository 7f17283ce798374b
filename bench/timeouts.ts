/**
 * Calls with a time limit, ours beside the peers', on Deno or on Node:
 *
 *     deno run -A bench/timeouts.ts [--quick]
 *
 * Prints samples as JSON lines. `report/node_project.ts` runs it on Node, with the
 * package as npm installs it.
 */
import process from "node:process";
import { flightGroup, FLIGHTS } from "./flight.ts";
import { type Group, printGroup } from "./in_turn.ts";
import { timeoutGuards } from "./timeouts/guards.ts";
import { type AsyncWork, type Guard, LATE, nextLateWork, nextWork } from "./work.ts";

const RUNTIME = "Deno" in globalThis ? "Deno" : "Node";
const SLICES = process.argv.includes("--quick")
  ? { count: 4, durationMs: 20 }
  : { count: 16, durationMs: 20 };
const GROUP = "timeout, closed";
const BARE = "bare call";
const [CALLS = 100] = FLIGHTS;

function oneAtATime(
  guards: Record<string, Guard>,
  next: () => AsyncWork,
): Record<string, () => Promise<number>> {
  return Object.fromEntries(
    Object.entries(guards).map(([name, guard]) => [name, () => guard(next())]),
  );
}

const guards = timeoutGuards();
const groups: readonly Group[] = [
  { kind: "async", name: GROUP, baseline: BARE, ways: oneAtATime(guards, nextWork) },
  {
    kind: "async",
    name: `${GROUP}${LATE}`,
    baseline: BARE,
    ways: oneAtATime(guards, nextLateWork),
  },
  {
    kind: "flight",
    name: flightGroup(GROUP, CALLS),
    baseline: BARE,
    // As calls to elsewhere: no timer is cleared in the turn of the event loop that it was set in.
    flight: { calls: CALLS, overTurn: true },
    ways: guards,
  },
];
for (const group of groups) await printGroup(`timeouts on ${RUNTIME}`, group, SLICES);
process.exit(0); // whatever the peers leave running
