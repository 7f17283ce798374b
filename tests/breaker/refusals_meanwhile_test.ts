/** What happens between the refusal of a call and its caller's hearing of it. */
import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { type Breaker, BreakerOpenError, createProvider, getDefaultConfig } from "../../mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";
import { KeptLog } from "../support/kept_log.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";

async function* one(): AsyncGenerator<number> {
  yield await Promise.resolve(1);
}

function rethrow(error: unknown): never {
  throw error;
}

const { signal } = new AbortController();

const CALLS: Readonly<Record<string, (breaker: Breaker) => Promise<unknown>>> = {
  "do": (breaker) => breaker.do(() => 1),
  "do with a signal": (breaker) => breaker.do(() => 1, { signal }),
  "do with a fallback that rethrows": (breaker) => breaker.do(() => 1, { fallback: rethrow }),
  "wrap": (breaker) => breaker.wrap(() => 1)(),
  "a stream": (breaker) => breaker.stream(one)[Symbol.asyncIterator]().next(),
};

for (const [what, call] of Object.entries(CALLS)) {
  for (const freshErrors of [true, false]) {
    const whose = freshErrors ? "an error of its own" : "one error for all";
    Deno.test(`R18: a refusal that nobody awaits is one unhandled rejection: ${what}, ${whose}`, async () => {
      const { breaker } = bench({ failureThreshold: 1 }, { freshErrors });
      fail(breaker);
      const unhandled = await unhandledDuring(() => void call(breaker));
      assert.deepEqual(unhandled.map((error) => error instanceof BreakerOpenError), [true]);
    });

    Deno.test(`R18: a caller is told of its own refusal where a listener has another call refused: ${what}, ${whose}`, async () => {
      const provider = await createProvider(getDefaultConfig("s", "development"), {
        backend: memoryBackend({
          default: { failureThreshold: 1 },
          audit: { mode: "forced-open" },
        }),
        logger: new KeptLog(),
        freshErrors,
      });
      const users = provider.getBreaker("users");
      fail(users);
      provider.on("reject", ({ breaker }) => {
        if (breaker === "users") provider.getBreaker("audit").tryAcquire();
      });
      await assert.rejects(call(users), { breaker: "users", state: "open", reason: "open" });
      await provider.close();
    });
  }
}

Deno.test("R21: a promise that doSync refuses as a probe frees its slot", () => {
  const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "1s" });
  fail(breaker);
  clock.advance("1s");
  for (let i = 0; i < 3; i++) {
    assert.throws(() => breaker.doSync(() => Promise.resolve(1)), TypeError);
  }
  assert.deepEqual([breaker.state, breaker.peek().admitted], ["half-open", true]);
});
