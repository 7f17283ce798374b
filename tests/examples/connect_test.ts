// A real server in a real process: this test takes the seconds that the example takes.
import assert from "node:assert/strict";
import { runExample } from "./run_example.ts";

Deno.test("examples/connect.ts: calls fail, are refused without reaching the server, and go through again", async () => {
  const startedMs = performance.now();
  const { code, out, err } = await runExample("connect");
  assert.equal(code, 0, out + err);
  assert.match(out, / ms: \[unavailable\] no database\n/);
  assert.match(out, /\[unavailable\] .*refused the call: it is open .*\[try again in \d+ ms\]\n/);
  assert.match(out, /half-open -> closed \(recovered\)\n/);
  assert.match(out, /\n6 of 8 calls reached the server\.\n/);
  assert.match(out, /All as it must be\.\n$/);
  assert(performance.now() - startedMs < 15_000);
});
