/**
 * A global that a test has replaced may never call back: while it stands there, a caller's abort
 * must end its call all the same, and `ManualClock.tick` must resolve.
 */
import assert from "node:assert/strict";
import { ManualClock } from "../../src/testing/mod.ts";
import { ABORTED_CALLS } from "../everywhere/with_fakes/aborted_calls.ts";

const REASON = new Error("the caller left");
const GLOBALS = ["queueMicrotask", "setImmediate", "setTimeout", "setInterval"] as const;

/** Puts a function that does nothing in the place of a global while `body` runs. */
async function without(name: (typeof GLOBALS)[number], body: () => Promise<void>): Promise<void> {
  const original = Object.getOwnPropertyDescriptor(globalThis, name);
  assert(original !== undefined);
  Object.defineProperty(globalThis, name, { configurable: true, value: () => {} });
  try {
    await body();
  } finally {
    Object.defineProperty(globalThis, name, original);
  }
}

for (const name of GLOBALS) {
  Deno.test(`a caller's abort ends every call while ${name} never calls back`, async () => {
    await without(name, async () => {
      for (const [call, start] of Object.entries(ABORTED_CALLS)) {
        const caller = new AbortController();
        const ends = assert.rejects(start(caller.signal), (error) => error === REASON, call);
        for (let job = 0; job < 100; job++) await undefined; // it gets to where it hangs
        caller.abort(REASON);
        await ends;
      }
    });
  });

  Deno.test(`ManualClock.tick resolves while ${name} never calls back`, async () => {
    await without(name, () => new ManualClock().tick("1s"));
  });
}

Deno.test("ManualClock.tick settles chains of a hundred promises where there are no messages", async () => {
  const original = Object.getOwnPropertyDescriptor(globalThis, "MessageChannel");
  assert(original !== undefined);
  Reflect.deleteProperty(globalThis, "MessageChannel");
  try {
    let isDone = false;
    (async () => {
      for (let job = 0; job < 100; job++) await undefined;
      isDone = true;
    })();
    await new ManualClock().tick();
    assert(isDone);
  } finally {
    Object.defineProperty(globalThis, "MessageChannel", original);
  }
});
