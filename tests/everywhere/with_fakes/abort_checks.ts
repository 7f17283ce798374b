import assert from "node:assert/strict";
import { ABORTED_CALLS } from "./aborted_calls.ts";
import { type FakedCheck, settle, under } from "./faked_check.ts";

const REASON = new Error("the caller left");
const isReason = (error: unknown): boolean => error === REASON;

/** A caller's abort, which must settle the call at once. */
export const ABORT_CHECKS: readonly FakedCheck[] = Object.entries(ABORTED_CALLS).flatMap((
  [call, start],
) => [
  {
    name: `a caller's abort ends a call under fakes: ${call}`,
    run: (fakes) =>
      under(fakes, async () => {
        const caller = new AbortController();
        const ends = assert.rejects(start(caller.signal), isReason);
        await settle();
        caller.abort(REASON);
        await ends;
      }),
  },
  {
    name: `a caller's abort under fakes ends a call from before them: ${call}`,
    run: async (fakes) => {
      const caller = new AbortController();
      const ends = assert.rejects(start(caller.signal), isReason);
      await settle();
      await under(fakes, async () => {
        caller.abort(REASON);
        await ends;
      });
    },
  },
  {
    name: `a caller's abort after fakes ends a call from under them: ${call}`,
    run: async (fakes) => {
      const caller = new AbortController();
      let ends = Promise.resolve();
      await under(fakes, async () => {
        ends = assert.rejects(start(caller.signal), isReason);
        await settle();
      });
      caller.abort(REASON);
      await ends;
    },
  },
]);
