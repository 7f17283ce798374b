/** Telemetry watches calls. Where its meter, its clock or an error fails it, the operation's own outcome stands. */
import assert from "node:assert/strict";
import { createTelemetry, type TelemetryOptions } from "../../integrations/otel/mod.ts";
import { createProvider, getDefaultConfig } from "../../mod.ts";
import { memoryBackend } from "../../backends/memory.ts";
import { ManualClock } from "../../src/testing/mod.ts";

class TestMeter {
  readonly types: unknown[] = [];
  readonly #fails: boolean;
  constructor(fails: boolean) {
    this.#fails = fails;
  }
  createHistogram(): { record(value: number, attributes?: Record<string, unknown>): void } {
    return {
      record: (_value, attributes) => {
        if (this.#fails) throw new Error("no record");
        this.types.push(attributes?.["error.type"]);
      },
    };
  }
  createObservableCounter(): object {
    return {};
  }
  createObservableUpDownCounter(): object {
    return {};
  }
  createObservableGauge(): object {
    return {};
  }
  addBatchObservableCallback(): void {}
  removeBatchObservableCallback(): void {}
}

class NoClock extends ManualClock {
  override now(): number {
    throw new Error("no time");
  }
}

const FAULTS: Record<string, () => TelemetryOptions> = {
  "a meter that throws": () => ({ meter: new TestMeter(true) }),
  "a clock that throws": () => ({ meter: new TestMeter(false), clock: new NoClock() }),
};

for (const [what, options] of Object.entries(FAULTS)) {
  Deno.test(`${what} changes neither what a timed call gives nor how it is counted`, async () => {
    await using provider = await createProvider(getDefaultConfig("s", "development"), {
      backend: memoryBackend(),
      clock: new ManualClock(),
    });
    using telemetry = createTelemetry(provider, options());
    const breaker = provider.getBreaker("b");
    const error = new Error("the operation's own");
    const succeed = telemetry.timed(breaker, () => Promise.resolve(1));
    const reject = telemetry.timed(breaker, () => Promise.reject(error));
    const fail = telemetry.timed(breaker, () => {
      throw error;
    });
    assert.equal(await breaker.do(succeed), 1);
    await assert.rejects(breaker.do(reject), error);
    await assert.rejects(breaker.do(fail), error);
    const { successes, failures } = breaker.counts;
    assert.deepEqual([successes, failures], [1, 2]);
  });
}

Deno.test("a timed call hands on an error that cannot be looked at, and records that it failed", async () => {
  await using provider = await createProvider(getDefaultConfig("s", "development"), {
    backend: memoryBackend(),
    clock: new ManualClock(),
  });
  const meter = new TestMeter(false);
  using telemetry = createTelemetry(provider, { meter });
  const breaker = provider.getBreaker("b");
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const call = breaker.do(telemetry.timed(breaker, () => Promise.reject(proxy)));
  const seen = await call.then(() => "resolved", (thrown) => ({ thrown }));
  assert(typeof seen === "object" && seen.thrown === proxy);
  await breaker.do(telemetry.timed(breaker, () => Promise.resolve()));
  assert.deepEqual(meter.types, ["_OTHER", undefined]);
});
