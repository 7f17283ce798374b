// A real server in a real process: this test takes the seconds that the example takes.
import assert from "node:assert/strict";
import { runExample } from "./run_example.ts";

Deno.test("examples/fetch.ts: calls time out, are refused for as long as the server asked, and go through again", async () => {
  const startedMs = performance.now();
  const { code, out, err } = await runExample("fetch");
  assert.equal(code, 0, out + err);
  assert.match(out, /took longer than 200 ms\n/);
  assert.match(
    out,
    /it is held \(tripped by failureThreshold 3 reached 3, last failure BreakerTimeoutError .*\) \[try again in 1\d\d\d ms\]\n/,
  );
  assert.match(out, /All as it must be\.\n$/);
  assert(performance.now() - startedMs < 15_000);
});
