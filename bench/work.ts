/**
 * The work that every bench does through a breaker and without one.
 *
 * Each operation is one step of a number sequence: it needs the last one's
 * result, and gives its own to {@linkcode keep}, so that no call can be left
 * out, hoisted or done twice.
 *
 * Operations are taken in turn from four functions of different source, so that
 * no call site, the breaker's or the bare call's, ever sees one function alone:
 * V8 inlines the operation nowhere, as in a program whose calls are many, and
 * the difference between two benches is the breaker's and not a matter of who
 * was inlined where. Runs on Deno and on Node.
 */
import process from "node:process";

const MULTIPLIER = 1_664_525;
const MASK = 2 ** 30 - 1;

let state = 1;
let kept = 0;
let turn = 0;

function step(salt: number): number {
  return state = (Math.imul(state, MULTIPLIER) + salt) & MASK;
}

/** What the name of a group ends with whose operations settle later. */
export const LATE = ", settling later";

/** An asynchronous operation. */
export type AsyncWork = () => Promise<number>;
/** Runs an asynchronous operation through something that guards it. */
export type Guard = (operation: AsyncWork) => Promise<number>;
/** A synchronous operation. */
export type SyncWork = () => number;

/** What failing operations reject with: made once, so that no stack is captured while measuring. */
export const FAILURE: Error = new Error("the dependency failed");

const A: AsyncWork = () => Promise.resolve(step(1));
const B: AsyncWork = () => Promise.resolve(step(3));
const C: AsyncWork = () => Promise.resolve(step(5));
const D: AsyncWork = () => Promise.resolve(step(7));

/** What settles only after its caller has begun to wait, as an answer from elsewhere does. */
const LATE_A: AsyncWork = async () => (await undefined, step(1));
const LATE_B: AsyncWork = async () => (await undefined, step(3));
const LATE_C: AsyncWork = async () => (await undefined, step(5));
const LATE_D: AsyncWork = async () => (await undefined, step(7));

const FAILING_B: AsyncWork = () => (keep(step(3)), Promise.reject(FAILURE));
const FAILING_D: AsyncWork = () => (keep(step(7)), Promise.reject(FAILURE));

const SYNC_A: SyncWork = () => step(1);
const SYNC_B: SyncWork = () => step(3);
const SYNC_C: SyncWork = () => step(5);
const SYNC_D: SyncWork = () => step(7);

const SUCCEEDING = [A, B, C, D];
const LATE_WORK = [LATE_A, LATE_B, LATE_C, LATE_D];
const HALF_FAILING = [A, FAILING_B, C, FAILING_D];
const SYNC = [SYNC_A, SYNC_B, SYNC_C, SYNC_D];

/** The next operation that resolves. */
export function nextWork(): AsyncWork {
  return SUCCEEDING[turn++ & 3] ?? A;
}

/** The next operation that resolves later. */
export function nextLateWork(): AsyncWork {
  return LATE_WORK[turn++ & 3] ?? LATE_A;
}

/** The next of operations of which every second one rejects, the first resolves. */
export function nextHalfFailingWork(): AsyncWork {
  return HALF_FAILING[turn++ & 3] ?? A;
}

/** The next synchronous operation. */
export function nextSyncWork(): SyncWork {
  return SYNC[turn++ & 3] ?? SYNC_A;
}

/** Takes a result, so that it was needed. */
export function keep(value: number): void {
  kept ^= value;
}

process.on("exit", () => {
  // Both stay as they were only if nothing ran; printing one would spoil `deno bench --json`.
  if (state === 1 && kept === 0) throw new Error("Nothing was measured");
});
