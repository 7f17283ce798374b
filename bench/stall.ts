/**
 * The longest stall of the event loop while the default policy changes under
 * very many breakers, and while each of them then makes its next call:
 *
 *     deno run -A bench/stall.ts [--quick]
 *
 * Prints samples as JSON lines. A stall is the time between two turns of a loop
 * that has nothing else to do; the same loop without a change is the floor.
 */
import { gather } from "./crowd.ts";
import { printSample } from "./report/sample.ts";

const SIZE = 100_000;
const CHANGES = Deno.args.includes("--quick") ? 5 : 20;
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

function print(name: string, values: readonly number[]): void {
  const group = "default policy changed under 100,000 breakers";
  printSample({ suite: "stall", group, name, unit: "ms", value: Math.max(...values) });
}

const { provider, setDefault } = await gather(SIZE);
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

const idle: number[] = [];
const changes: number[] = [];
const putting: number[] = [];
const plainTraffic: number[] = [];
const traffic: number[] = [];
const first = breakers[0];
for (let i = 1; i <= CHANGES; i++) {
  let turns = 0;
  idle.push(await longestStallMs(() => ++turns >= 10));
  plainTraffic.push(await longestStallMs(callAll()));

  const before = performance.now();
  setDefault({ failureThreshold: 10 + i, window: { kind: "count", size: 100 + i } });
  putting.push(performance.now() - before);
  changes.push(await longestStallMs(() => first?.policy.failureThreshold === 10 + i));

  traffic.push(await longestStallMs(callAll()));
  if (breakers.some(({ policy }) => policy.failureThreshold !== 10 + i)) {
    throw new Error("A breaker missed the change");
  }
}
print("no change", idle);
print("the edit itself", putting);
print("until it is in force", changes);
print("calls, 100 a turn, no change", plainTraffic);
print("the next calls of all, 100 a turn", traffic);
await provider.close();
