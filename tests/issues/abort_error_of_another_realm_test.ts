/** In Jest, a test and the package run in a realm of their own, and errors of Node's core come from another. */
import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { createBreaker } from "../../mod.ts";

function foreignError(name: string): unknown {
  return runInNewContext("Object.assign(new Error(name), { name })", { name });
}

/** A call whose operation fails with `error` as soon as its caller aborts. */
async function abortedCall(error: unknown): Promise<{ ignored: number; failures: number }> {
  const caller = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  caller.signal.addEventListener("abort", () => reject(error)); // before the breaker hears of it
  const breaker = createBreaker("users");
  const call = breaker.do(() => promise, { signal: caller.signal, fallback: () => "hidden" });
  caller.abort(new Error("gone"));
  await assert.rejects(call, /gone/);
  const { ignored, failures } = breaker.counts.lifetime;
  return { ignored, failures };
}

for (
  const [what, error] of Object.entries({
    "of this realm": Object.assign(new Error("aborted"), { name: "AbortError" }),
    "of another realm": foreignError("AbortError"),
    "of a polyfill": { name: "AbortError" },
    "of DOMException": new DOMException("aborted", "AbortError"),
  })
) {
  Deno.test(`R2: an AbortError ${what} after the caller's abort is a cancellation`, async () => {
    assert.deepEqual(await abortedCall(error), { ignored: 1, failures: 0 });
  });
}
