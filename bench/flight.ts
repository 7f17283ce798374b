/**
 * Calls that are in flight together and settle later, as a service makes them;
 * one call at a time, settled as soon as it is made, is the other extreme.
 * Runs on Deno and on Node.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type AsyncWork, type Guard, keep } from "./work.ts";

/** How many calls are in flight together: those of a busy service, and those of a flood. */
export const FLIGHTS: readonly number[] = [100, 10_000];

/** How calls fly together. */
export interface Flight {
  /** How many there are. */
  readonly calls: number;
  /** Whether the event loop turns while they are in flight. @default false */
  readonly overTurn?: boolean;
}

const settle: ((value: number) => void)[] = [];
let turn = 0;

const A: AsyncWork = () => new Promise((resolve) => void settle.push(resolve));
const B: AsyncWork = () => new Promise((resolve) => void settle.push(resolve));
const C: AsyncWork = () => new Promise((resolve) => void settle.push(resolve));
const D: AsyncWork = () => new Promise((resolve) => void settle.push(resolve));
const PENDING = [A, B, C, D];

/** Makes the calls through `guard`, then settles all, then awaits all. */
export async function fly(guard: Guard, { calls, overTurn = false }: Flight): Promise<void> {
  const promises: Promise<number>[] = [];
  for (let i = 0; i < calls; i++) promises.push(guard(PENDING[turn++ & 3] ?? A));
  if (overTurn) await nextTurn();
  for (let i = 0; i < settle.length; i++) settle[i]?.(i);
  settle.length = 0;
  for (const promise of promises) keep(await promise);
}

/** The group of benches that make `calls` calls each; a report divides by the number at its end. */
export function flightGroup(group: string, calls: number): string {
  return `${group}, in flight: ${calls} calls`;
}
