// Real processes that export in real time: this test takes the seconds that the example takes.
import assert from "node:assert/strict";
import { runExample } from "./run_example.ts";

Deno.test("the telemetry example shows an outage by log, OpenTelemetry and Prometheus alike", async () => {
  const { code, out, err } = await runExample("telemetry");
  assert.equal(err, "");
  assert.equal(code, 0, out);
  assert.match(out, /Breaker "http:user-service" is open: .*trace_id [\da-f]{32}\)\n/);
  assert.match(out, /\n {2}transitions open +([1-9]\d*) +\1\n/);
  assert.match(out, /switchgear\.breaker\.rejection +[1-9]/);
  assert.match(out, /All three tell the same\.\n$/);
});
