/**
 * The longest stall of the event loop while the default policy, or that of a
 * group, changes under very many breakers, and while each of them then makes its next call:
 *
 *     deno run -A bench/stall.ts [--quick]
 *
 * Prints samples as JSON lines. A stall is the time between two turns of a loop
 * that has nothing else to do; the same loop without a change is the floor.
 */
import type { Policy } from "../mod.ts";
import { gather } from "./crowd.ts";
import { printSample } from "./report/sample.ts";

const SIZE = 100_000;
const CHANGES = Deno.args.includes("--quick") ? 2 : 4;
/** Calls per turn in the traffic that follows a change. */
const SLICE = 100;

/** Turns the event loop once. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Turns the event loop until `isOver`, and returns the longest time between two turns, in milliseconds. */
async function longestStallMs(isOver: () => boolean): Promise<number> {
  let longest = 0;
  let last = performance.now();
  do {
    await turn();
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  } while (!isOver());
  return longest;
}

const { provider, setDefault, setGroup } = await gather(SIZE);
const breakers = [...provider.breakers()];
if (breakers.length !== SIZE) throw new Error(`There are ${breakers.length} breakers`);
for (const breaker of breakers) breaker.tryAcquire()?.success();

/** Makes a slice of the calls at each turn, and tells when all breakers have had theirs. */
function callAll(): () => boolean {
  let called = 0;
  return () => {
    for (let i = 0; i < SLICE; i++) breakers[called++]?.tryAcquire()?.success();
    return called >= SIZE;
  };
}

/** Measures edits, each of which brings another threshold. */
async function measure(group: string, edit: (threshold: number) => void): Promise<void> {
  const stalls = new Map<string, number>();
  const note = (name: string, ms: number): void => {
    stalls.set(name, Math.max(ms, stalls.get(name) ?? 0));
  };
  const first = breakers[0];
  for (let i = 1; i <= CHANGES; i++) {
    let turns = 0;
    note("no change", await longestStallMs(() => ++turns >= 10));
    const plainTraffic = await longestStallMs(callAll());

    const before = performance.now();
    edit(10 + i);
    note("the edit itself", performance.now() - before);
    const isInForce = (): boolean => first?.policy.failureThreshold === 10 + i;
    note("until it is in force", await longestStallMs(isInForce));

    note("calls, 100 a turn, no change", plainTraffic);
    note("the next calls of all, 100 a turn", await longestStallMs(callAll()));
    if (breakers.some(({ policy }) => policy.failureThreshold !== 10 + i)) {
      throw new Error("A breaker missed the change");
    }
  }
  for (const [name, value] of stalls) {
    printSample({ suite: "stall", group, name, unit: "ms", value });
  }
}

function policy(threshold: number): Policy {
  return { failureThreshold: threshold, window: { kind: "count", size: 90 + threshold } };
}

await measure("default policy changed under 100,000 breakers", (threshold) => {
  setDefault(policy(threshold));
});
setDefault({});
setGroup({});
await measure("policy of a group changed under 100,000 breakers", (threshold) => {
  setGroup(policy(threshold));
});
await measure("group that came and went under 100,000 breakers", (threshold) => {
  if (threshold % 2 === 0) setGroup(policy(threshold));
  else setGroup(undefined);
  setDefault(policy(threshold));
});
await provider.close();
