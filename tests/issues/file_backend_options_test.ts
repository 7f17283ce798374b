/**
 * Times that no timer can wait would be over at once, and the folder be read
 * without a pause; a misspelt option would do nothing.
 */
import assert from "node:assert/strict";
import { fileBackend } from "../../backends/file/mod.ts";

const REFUSED: readonly [Record<string, unknown>, RegExp][] = [
  [{ pollIntervalMs: Infinity }, /"pollIntervalMs" must be a finite number/],
  [{ pollIntervalMs: 0 }, /"pollIntervalMs" must be a number above 0/],
  [{ safetyPollIntervalMs: 2 ** 31 }, /"safetyPollIntervalMs" must be/],
  [{ debounceMs: -1 }, /"debounceMs" must be/],
  [{ confirmRemovalMs: Number.NaN }, /"confirmRemovalMs" must be/],
  [{ maxFileBytes: 0.5 }, /"maxFileBytes" must be an integer/],
  [{ watch: "polling" }, /"watch" must be/],
  [{ pollInterval: 100 }, /unknown option "pollInterval".*pollIntervalMs/],
];

for (const [options, message] of REFUSED) {
  const [[name, value] = []] = Object.entries(options);
  Deno.test(`fileBackend refuses ${name}: ${value}`, () => {
    assert.throws(() => fileBackend("./policies", options), message);
  });
}

Deno.test("fileBackend takes the least and the most that a timer can wait", () => {
  const most = 2 ** 31 - 1;
  fileBackend("./policies", { watch: "poll", pollIntervalMs: most, safetyPollIntervalMs: 0.1 });
  fileBackend("./policies", { debounceMs: 0, confirmRemovalMs: most, maxFileBytes: 1 });
});
