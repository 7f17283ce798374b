/**
 * A backend may reject with anything, also with what is no text and cannot be made
 * one. That must neither end the feed, nor raise an unhandled rejection, nor make
 * the status throw.
 */
import assert from "node:assert/strict";
import { createProvider, getDefaultConfig } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const ERRORS: Record<string, () => unknown> = {
  "an object without a prototype": () => Object.create(null),
  "a revoked proxy": revoked,
  "a symbol": () => Symbol("lost"),
  "an error whose message throws": () =>
    Object.defineProperty(new Error(), "message", {
      get: () => {
        throw new Error("no message");
      },
    }),
};

/** A backend whose first watch breaks off with `error`. */
class BrokenBackend extends ScriptedBackend {
  readonly #error: unknown;
  constructor(error: unknown) {
    super();
    this.#error = error;
  }
  override watch(
    ...args: Parameters<ScriptedBackend["watch"]>
  ): ReturnType<ScriptedBackend["watch"]> {
    const updates = super.watch(...args);
    if (this.begun > 1) return updates;
    const error = this.#error;
    return {
      async *[Symbol.asyncIterator]() {
        yield { kind: "snapshot", snapshot: { entries: [], revision: "0" } };
        throw error;
      },
    };
  }
}

for (const [what, make] of Object.entries(ERRORS)) {
  Deno.test(`a backend that rejects with ${what} is lost, said to be so, and read again`, async () => {
    const clock = new ManualClock();
    const backend = new BrokenBackend(make());
    const log = new KeptLog();
    await using provider = await createProvider(getDefaultConfig("s", "development"), {
      backend,
      clock,
      logger: log,
      random: () => 0,
    });
    await clock.tick();
    const { state, lastError } = provider.status().backend;
    assert.equal(state, "stale");
    assert.equal(typeof lastError, "string");
    assert(log.lines.some((line) => line.startsWith("warn: Policies stay as they are")));
    backend.snapshot(entry("a", { failureThreshold: 3 }, "1"));
    await clock.tick("1s");
    assert.equal(provider.status().backend.state, "fresh");
    assert.equal(provider.getBreaker("a").policy.failureThreshold, 3);
  });
}

Deno.test("a last known good store that rejects with what cannot be put into words harms nothing", async () => {
  const store = new MemoryStore();
  store.load = () => Promise.reject(Object.create(null));
  const backend = new ScriptedBackend();
  backend.snapshot();
  await using provider = await createProvider(getDefaultConfig("s", "development"), {
    backend,
    clock: new ManualClock(),
    logger: new KeptLog(),
    lastKnownGood: store,
  });
  assert.equal(typeof provider.status().lastKnownGoodError, "string");
});
