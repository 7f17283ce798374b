/**
 * Times ways of making calls in turn, slice by slice, so that a machine that is
 * slower for a while is slower for all of them, and that every way is timed in a
 * process in which all of them have run. What is timed is the processor, so that
 * other programs take nothing of it. Runs on Deno and on Node.
 */
import process from "node:process";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Flight, fly } from "./flight.ts";
import { printSample } from "./report/sample.ts";
import { type Guard, keep } from "./work.ts";

interface NamedGroup {
  /** What is compared. */
  readonly name: string;
  /** The way that the others are compared to. */
  readonly baseline: string;
}

/** Synchronous calls. */
export interface SyncGroup extends NamedGroup {
  readonly kind: "sync";
  /** Each makes one call, by its name. */
  readonly ways: Readonly<Record<string, () => void>>;
}

/** Asynchronous calls, one after the other. */
export interface AsyncGroup extends NamedGroup {
  readonly kind: "async";
  /** Each makes one call, by its name. */
  readonly ways: Readonly<Record<string, () => Promise<number>>>;
}

/** Asynchronous calls in flight together. */
export interface FlightGroup extends NamedGroup {
  readonly kind: "flight";
  readonly flight: Flight;
  /** The guards through which the calls are made, by their names. */
  readonly ways: Readonly<Record<string, Guard>>;
}

/** Ways of making calls that are compared with each other. */
export type Group = SyncGroup | AsyncGroup | FlightGroup;

/** How long each way is timed. */
export interface Slices {
  /** How many slices each way gets, besides those until the code is compiled. */
  readonly count: number;
  /** How long one takes, in milliseconds. */
  readonly durationMs: number;
}

/** Makes some calls, and returns how many. */
type MakeCalls = () => number | Promise<number>;

/** Calls between two readings of the clock. */
const SYNC_CALLS = 1_000;
const ASYNC_CALLS = 200;

/** Slices that each way gets before it is timed. */
const WARM_UP = 2;

/** Times a group, and prints a sample for each of its ways. */
export async function printGroup(suite: string, group: Group, slices: Slices): Promise<void> {
  for (const [name, value] of await timeInTurn(waysOf(group), slices)) {
    const baseline = name === group.baseline;
    printSample({ suite, group: group.name, name, unit: "ns", value, baseline });
  }
}

/** The ways of a group, each making enough calls for the reading of a clock not to matter. */
function waysOf(group: Group): Map<string, MakeCalls> {
  switch (group.kind) {
    case "sync":
      return mapValues(group.ways, (call) => () => callOften(call));
    case "async":
      return mapValues(group.ways, (call) => () => awaitOften(call));
    case "flight":
      return mapValues(group.ways, (guard) => async () => {
        await fly(guard, group.flight);
        return group.flight.calls;
      });
  }
}

function mapValues<T>(
  values: Readonly<Record<string, T>>,
  map: (value: T) => MakeCalls,
): Map<string, MakeCalls> {
  return new Map(Object.entries(values).map(([name, value]) => [name, map(value)]));
}

function callOften(call: () => void): number {
  for (let i = 0; i < SYNC_CALLS; i++) call();
  return SYNC_CALLS;
}

async function awaitOften(call: () => Promise<number>): Promise<number> {
  for (let i = 0; i < ASYNC_CALLS; i++) {
    try {
      keep(await call());
    } catch {
      keep(1);
    }
  }
  return ASYNC_CALLS;
}

/**
 * The mean processor time of a call in nanoseconds, by the way's name, with that of the threads
 * that collect garbage and compile. Every second time the order is the reverse, because a way may
 * pay for the garbage of the one before it.
 */
export async function timeInTurn(
  ways: ReadonlyMap<string, MakeCalls>,
  { count, durationMs }: Slices,
): Promise<Map<string, number>> {
  const totals = [...ways].map(([name, makeCalls]) => ({ name, makeCalls, calls: 0, cpuUs: 0 }));
  for (let i = -WARM_UP; i < count; i++) {
    for (const total of i % 2 === 0 ? totals : totals.toReversed()) {
      const { calls, cpuUs } = await timeSlice(total.makeCalls, durationMs);
      if (i < 0) continue;
      total.calls += calls;
      total.cpuUs += cpuUs;
    }
  }
  return new Map(totals.map(({ name, calls, cpuUs }) => [name, cpuUs * 1_000 / calls]));
}

async function timeSlice(
  makeCalls: MakeCalls,
  durationMs: number,
): Promise<{ calls: number; cpuUs: number }> {
  await nextTurn();
  const endsAt = performance.now() + durationMs;
  const before = process.cpuUsage();
  let calls = 0;
  do {
    const made = makeCalls();
    calls += typeof made === "number" ? made : await made;
  } while (performance.now() < endsAt);
  const { user, system } = process.cpuUsage(before);
  return { calls, cpuUs: user + system };
}
