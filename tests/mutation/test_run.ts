import type { CollectedTest } from "./collect_tests.ts";
import { RealTimers, turn } from "./real_timers.ts";
import { control } from "./switch.ts";

/** How one test ended; `undefined`: well. */
export interface TestFailure {
  /** Whether it did not end at all. */
  readonly isTimeout: boolean;
  /** What went wrong. */
  readonly message: string;
}

/** How long a test may wait for nothing at all before it counts as hung. */
const IDLE_MS = 500;

const { then } = Promise.prototype;
const timers = new RealTimers();
/** What nobody caught since it was last asked for. */
let uncaught: unknown[] = [];

/** Makes this process notice timers that a test leaves behind and errors that nobody catches. */
export function watchProcess(): void {
  timers.install();
  globalThis.addEventListener("unhandledrejection", (event) => {
    let isHandled = false;
    const prevent = event.preventDefault.bind(event);
    prevent();
    // A test that expects the rejection says so in a listener that comes after this one.
    event.preventDefault = (): void => {
      isHandled = true;
    };
    queueMicrotask(() => {
      if (!isHandled) uncaught.push(event.reason);
    });
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    uncaught.push(event.error);
  });
}

/** Runs a test as the test runner would: it may not fail, hang, or leave a timer behind. */
export async function runTest(
  test: CollectedTest,
  limitMs: number,
): Promise<TestFailure | undefined> {
  control.hits = 0;
  const failure = await run(test, limitMs);
  // Code may catch what ends its endless loop.
  if (control.hits > control.mostHits) return { isTimeout: true, message: "an endless loop" };
  return failure;
}

async function run(test: CollectedTest, limitMs: number): Promise<TestFailure | undefined> {
  try {
    const result = test.run();
    if (result instanceof Promise && await waitFor(result, limitMs) === "hung") {
      return { isTimeout: true, message: "it waits for ever" };
    }
  } catch (error) {
    return { isTimeout: false, message: messageOf(error) };
  } finally {
    if (timers.size > 0) await turn();
  }
  if (timers.size === 0) return undefined;
  timers.stop();
  return { isTimeout: false, message: "it leaves a timer behind" };
}

function waitFor(result: Promise<unknown>, limitMs: number): Promise<"settled" | "hung"> {
  return new Promise((resolve, reject) => {
    const end = timers.onceIdle(() => resolve("hung"), { idleMs: IDLE_MS, limitMs });
    const settled = (): void => {
      end();
      resolve("settled");
    };
    const failed = (error: unknown): void => {
      end();
      reject(error);
    };
    // Tests may watch `Promise.prototype.then`, and must not see this call.
    Reflect.apply(then, result, [settled, failed]);
  });
}

/** What went wrong outside of any test since the last call, once the event loop has turned. */
export async function strayFailure(): Promise<TestFailure | undefined> {
  await turn();
  timers.stop();
  const [first] = uncaught;
  const { length } = uncaught;
  uncaught = [];
  return length === 0 ? undefined : { isTimeout: false, message: `uncaught ${messageOf(first)}` };
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "an error that cannot be looked at";
  }
}
