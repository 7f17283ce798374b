import { setTimeout as pause } from "node:timers/promises";
import type { Operation, Subject } from "./subject.ts";

/** How long breakers stay open, in milliseconds. */
export const OPEN_FOR_MS = 500;
/** After this long without an answer a call counts as waiting, in milliseconds. */
const WAITING_AFTER_MS = 250;
/** After this long a promise counts as one that never settles, in milliseconds. */
const NEVER_AFTER_MS = 2_000;
/** Tries of a probe before a breaker counts as stuck, and at least five open times. */
const TRIES = 15;

/** What became of a call. */
export type Fate = "ran" | "refused" | "waits";

/** A call whose operation settles by hand. */
export interface HeldCall {
  /** Lets the operation succeed. */
  succeed(): void;
  /** Lets the operation fail. */
  fail(error: Error): void;
  /** Done when the caller has its answer, whatever it is. */
  readonly answered: Promise<unknown>;
}

/** Starts a call whose operation settles by hand, and tells what became of it. */
export async function hold(subject: Subject): Promise<HeldCall & { readonly fate: Fate }> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const started = Promise.withResolvers<Fate>();
  const answered = subject.call(() => {
    started.resolve("ran");
    return promise;
  }).catch(() => {});
  const fate = await Promise.race([
    started.promise,
    answered.then((): Fate => "refused"),
    pause<Fate>(WAITING_AFTER_MS, "waits", { ref: false }),
  ]);
  return { fate, answered, succeed: () => resolve("late"), fail: reject };
}

/** Makes a call that succeeds at once, if it is let through, and tells what became of it. */
export async function attempt(subject: Subject): Promise<Fate> {
  const call = await hold(subject);
  call.succeed();
  if (call.fate === "ran") await call.answered;
  return call.fate;
}

/** Makes calls that fail, one after the other. */
export async function failTimes(subject: Subject, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await subject.call(() => Promise.reject(new Error("down"))).catch(() => {});
  }
}

/** Lets calls fail until the breaker is open: two, or more where calls in flight count in its rate. */
export async function trip(subject: Subject): Promise<void> {
  for (let i = 0; i < 5; i++) {
    const call = await hold(subject);
    if (call.fate === "refused") return;
    call.fail(new Error("down"));
    await call.answered;
  }
  throw new Error("The breaker did not open");
}

/** Calls until one is let through, whose operation then hangs; `undefined`: none was, and `last` is what became of the last. */
export async function nextProbe(
  subject: Subject,
): Promise<{ readonly probe: HeldCall | undefined; readonly last: Fate }> {
  const startedAt = performance.now();
  let last: Fate = "refused";
  for (let i = 0; i < TRIES || performance.now() - startedAt < 5 * OPEN_FOR_MS; i++) {
    const call = await hold(subject);
    if (call.fate === "ran") return { probe: call, last: "ran" };
    // A call that waits must not hang later, when it is let through.
    call.succeed();
    last = call.fate;
    if (last === "refused") await pause(OPEN_FOR_MS / 20);
  }
  return { probe: undefined, last };
}

/** Waits for the breaker to be half-open, with a probe in flight. */
export async function halfOpen(subject: Subject): Promise<HeldCall> {
  const { probe } = await nextProbe(subject);
  if (probe === undefined) throw new Error("The breaker never let a probe through");
  return probe;
}

/** Lets everything that is due in this turn of the event loop and the next run. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 3; i++) await pause(1);
}

/** What a call ended with: its error, its value, or that it did not end. */
export async function endOf(call: Promise<unknown>): Promise<{ ended: boolean; with?: unknown }> {
  return await Promise.race([
    call.then((value) => ({ ended: true, with: value }), (error) => ({ ended: true, with: error })),
    pause(NEVER_AFTER_MS, { ended: false }, { ref: false }),
  ]);
}

const unhandled = new Set<unknown>();
for (const type of ["unhandledrejection", "error"] as const) {
  globalThis.addEventListener(type, (event) => {
    event.preventDefault();
    unhandled.add("reason" in event ? event.reason : "error" in event ? event.error : event);
  });
}

/** Whether an error reached nobody, and so the runtime, within some turns. */
export async function isUnhandled(error: unknown): Promise<boolean> {
  await turns();
  return unhandled.has(error);
}

/** An operation that fails with the given error. */
export function failing(error: Error): Operation {
  return () => Promise.reject(error);
}
