// A real server in a real process: this test takes the seconds that the example takes.
import assert from "node:assert/strict";
import { runExample } from "./run_example.ts";

Deno.test("examples/grpc.ts: calls fail, are refused, go through again, and are refused by an operator", async () => {
  const startedMs = performance.now();
  const { code, out, err } = await runExample("grpc");
  assert.equal(code, 0, out + err);
  assert.match(out, /refused the call: it is open \(tripped by .*\[try again in \d+ ms\]\n/);
  assert.match(out, /half-open -> closed \(recovered\)\n/);
  assert.match(out, /its mode is "forced-open" \[try again in -1 ms\]\n/);
  assert.match(out, /All as it must be\.\n$/);
  assert(performance.now() - startedMs < 15_000);
});
