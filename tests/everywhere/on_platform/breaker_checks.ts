import {
  BreakerOpenError,
  BreakerTimeoutError,
  createBreaker,
  createProvider,
  getDefaultConfig,
  InvalidPolicyError,
  restoreBreaker,
} from "@switchgear/breaker";
import { memoryBackend } from "@switchgear/breaker/memory";
import assert from "node:assert/strict";
import { type Check, SILENT, until } from "./check_list.ts";

const FAILURE = new Error("the dependency failed");
const fail = (): Promise<never> => Promise.reject(FAILURE);
const succeed = (): Promise<string> => Promise.resolve("done");

/** A breaker at work, on the platform's own timers. */
export const BREAKER_CHECKS: readonly Check[] = [
  {
    name: "do: opens, refuses, probes after real time and closes",
    run: async () => {
      const policy = { failureThreshold: 2, successThreshold: 1, openStateTimeout: "1s" };
      const breaker = createBreaker("b", policy, { logger: SILENT });
      const states: string[] = [];
      breaker.on("stateChange", ({ to }) => states.push(to));
      breaker.on("stateChange", () => {
        throw new Error("a listener that throws");
      });
      assert.equal(await breaker.do(succeed), "done");
      await assert.rejects(breaker.do(fail), FAILURE);
      await assert.rejects(breaker.do(fail), FAILURE);
      const refused: unknown = await breaker.do(succeed).catch((error) => error);
      assert(refused instanceof BreakerOpenError);
      assert.equal(refused.code, "BREAKER_OPEN");
      assert.equal(refused.reason, "open");
      assert(refused.retryAfterMs !== undefined && refused.retryAfterMs <= 1_000);
      assert.equal(await breaker.do(succeed, { fallback: () => "instead" }), "instead");
      await until(() => breaker.peek().admitted);
      assert.equal(await breaker.do(succeed), "done");
      assert.deepEqual(states, ["open", "half-open", "closed"]);
    },
  },
  {
    name: "do: ends at its time limit, aborts the signal, and swallows what comes later",
    run: async () => {
      const breaker = createBreaker("b", { timeout: "20ms", failureThreshold: 1 });
      let seen: AbortSignal | undefined;
      let late = (_error: Error): void => {};
      const call = breaker.do((signal) => {
        seen = signal;
        return new Promise<never>((_, reject) => late = reject);
      });
      await assert.rejects(call, BreakerTimeoutError);
      late(new Error("late"));
      assert.equal(seen?.aborted, true);
      assert.equal(breaker.state, "open");
      assert.equal(breaker.counts.lifetime.timeouts, 1);
    },
  },
  {
    name: "do: a caller's abort ends the call with its reason and counts for nothing",
    run: async () => {
      const breaker = createBreaker("b", { failureThreshold: 1 });
      const caller = new AbortController();
      const reason = new Error("the user left");
      const call = breaker.do(() => new Promise<never>(() => {}), { signal: caller.signal });
      caller.abort(reason);
      await assert.rejects(call, reason);
      let runs = 0;
      const again = breaker.do(() => ++runs, { signal: caller.signal });
      await assert.rejects(again, reason);
      assert.equal(runs, 0);
      assert.equal(breaker.state, "closed");
      assert.equal(breaker.counts.calls, 0);
      await assert.rejects(
        breaker.do(() => new Promise<never>(() => {}), { signal: AbortSignal.timeout(10) }),
        { name: "TimeoutError" },
      );
      assert.equal(breaker.counts.timeouts, 1);
    },
  },
  {
    name: "doSync, wrap and permits settle like do",
    run: async () => {
      const breaker = createBreaker("b", { failureThreshold: 2 });
      assert.equal(breaker.doSync(() => 7), 7);
      const doubled = {
        by: 2,
        times: breaker.wrap(function (this: { by: number }, n: number) {
          return Promise.resolve(n * this.by);
        }),
      };
      assert.equal(await doubled.times(21), 42);
      breaker.tryAcquire()?.[Symbol.dispose]();
      assert.throws(() =>
        breaker.doSync(() => {
          throw FAILURE;
        }), FAILURE);
      breaker.tryAcquire()?.failure(FAILURE);
      assert.equal(breaker.tryAcquire(), undefined);
      assert.equal(breaker.state, "open");
    },
  },
  {
    name: "a snapshot goes through JSON and restores",
    run: () => {
      const breaker = createBreaker("b", { failureThreshold: 1, openStateTimeout: "1h" });
      breaker.tryAcquire()?.failure();
      const snapshot = JSON.parse(JSON.stringify(breaker.snapshot()));
      const restored = restoreBreaker(snapshot, { failureThreshold: 1, openStateTimeout: "1h" });
      assert.equal(restored.state, "open");
      assert.throws(() => createBreaker("b", { failureThreshold: -1 }), InvalidPolicyError);
    },
  },
  {
    name: "a provider's breakers obey an edit while they run",
    run: async () => {
      const backend = memoryBackend({ users: { failureThreshold: 3 } });
      const provider = await createProvider(getDefaultConfig("s", "development"), {
        backend,
        logger: SILENT,
      });
      try {
        const breaker = provider.getBreaker("users");
        assert.equal(breaker, provider.getBreaker("users"));
        assert.equal(breaker.policy.failureThreshold, 3);
        const { policiesPath } = getDefaultConfig("s", "development");
        backend.set(policiesPath, "users", JSON.stringify({ failureThreshold: 7 }));
        await until(() => breaker.policy.failureThreshold === 7);
        backend.set(policiesPath, "users", "{ not JSON");
        await until(() => provider.status().documents.some(({ refused }) => refused !== null));
        assert.equal(breaker.policy.failureThreshold, 7);
      } finally {
        await provider.close();
      }
    },
  },
];
