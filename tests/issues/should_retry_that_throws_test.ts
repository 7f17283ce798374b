/**
 * A `shouldRetry` that throws was answered for by the default predicate, which
 * retries nearly everything, while a policy of one's own need not limit its
 * attempts: such a call retried, and logged, for ever.
 */
import assert from "node:assert/strict";
import { createRetry } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";

const BROKEN: Record<string, () => boolean> = {
  "throws": () => {
    throw new Error("bug");
  },
  // @ts-expect-error -- a caller in JavaScript can do this
  "answers with a promise": () => Promise.resolve(true),
};

for (const [how, shouldRetry] of Object.entries(BROKEN)) {
  Deno.test(`a shouldRetry that ${how} is reported once and ends the call with the operation's own error`, async () => {
    const clock = new ManualClock();
    const reported: string[] = [];
    const note = (message: string): void => void reported.push(message);
    const logger = { debug: note, info: note, warn: note, error: note };
    const retry = createRetry({ shouldRetry, delay: () => 1 }, { clock, logger });
    let attempts = 0;
    const down = new Error("down");
    const call = retry.do(() => {
      attempts++;
      throw down;
    });
    const rejected = assert.rejects(call, (error) => error === down);
    await clock.tick("1s");
    await rejected;
    assert.deepEqual([attempts, reported.length, clock.pendingTimers], [1, 1, 0]);
  });
}
