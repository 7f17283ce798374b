// Real processes, which end at once.
import assert from "node:assert/strict";
import { runExample } from "./run_example.ts";

for (
  const name of ["connect", "fetch", "grpc", "http_server", "redis_rate_limit", "telemetry"]
) {
  const usage = `Usage: deno run -A examples/${name}.ts [--help]\n`;

  Deno.test(`examples/${name}.ts: --help says how it is used`, async () => {
    const ended = await runExample(name, { args: ["--help"] });
    assert.deepEqual(ended, { code: 0, out: usage, err: "" });
  });

  Deno.test(`examples/${name}.ts: an unknown option is refused`, async () => {
    const ended = await runExample(name, { args: ["--fast"] });
    assert.deepEqual(ended, { code: 2, out: "", err: `Unknown option "--fast"\n${usage}` });
  });
}
