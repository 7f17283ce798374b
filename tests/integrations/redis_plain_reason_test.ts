import assert from "node:assert/strict";
import { plainReason } from "../../integrations/redis/plain_reason.ts";

const CASES: [message: unknown, plain: string][] = [
  [new Error("connect ECONNREFUSED 127.0.0.1:6379"), "connect ECONNREFUSED 127.0.0.1:6379"],
  [new Error("NOAUTH Authentication required."), "NOAUTH Authentication required."],
  [new Error("cannot reach redis://app:p@ss@db:6379/0"), "cannot reach redis://…@db:6379/0"],
  [
    new Error("GET https://db.upstash.io/?_token=abc failed"),
    "GET https://db.upstash.io/?… failed",
  ],
  [new Error("password=hunter2, host=db"), "password=…, host=db"],
  [new Error('{"token": "abc"}'), '{"token": "…"}'],
  [new Error("sent Authorization: Bearer abc.def"), "sent Authorization: … …"],
  [new Error("failed\nEVALSHA 1 limit:{a:ann}"), "failed"],
  ["a text", "a text"],
  [undefined, "undefined"],
];

for (const [message, plain] of CASES) {
  Deno.test(`a reason is fit for a log: ${plain}`, () => {
    assert.equal(plainReason(message), plain);
  });
}

Deno.test("a reason is at most 200 characters long, and found in bounded time", () => {
  const startedMs = performance.now();
  assert.equal(plainReason(new Error("a".repeat(10_000_000))).length, 201);
  assert(performance.now() - startedMs < 1_000);
});
