// A real server in a real process: this test takes the seconds that the example takes.
import assert from "node:assert/strict";
import { runExample } from "./run_example.ts";

Deno.test("examples/http_server.ts: what is too much is refused, and open breakers are reported", async () => {
  const startedMs = performance.now();
  const { code, out, err } = await runExample("http_server");
  assert.equal(code, 0, out + err);
  assert.match(
    out,
    /ann: 429 Too Many Requests \[RateLimit: "default";r=0;t=2, Retry-After: 2\]\n/,
  );
  assert.match(out, /503 Service Unavailable \[RateLimit: "default";r=2;t=2, Retry-After: 5\]\n/);
  assert.match(out, /\{"name":"https:\/\/payments\.example","state":"open"\}/);
  assert.match(out, /All as it must be\.\n$/);
  assert(performance.now() - startedMs < 15_000);
});
