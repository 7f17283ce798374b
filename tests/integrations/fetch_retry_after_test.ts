import assert from "node:assert/strict";
import type { ProtectFetchOptions } from "../../integrations/fetch/options.ts";
import { protectFetch } from "../../integrations/fetch/protect_fetch.ts";
import { BreakerOpenError } from "../../src/breaker/rejection.ts";
import { createRetry } from "../../src/patterns/retry/retry.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";
import { Breakers } from "./fetch_support.ts";

const SHOP = "http://shop.example/";
const NOON = Date.UTC(2026, 0, 1, 12);

/** A guarded fetch whose server answers as told, behind a breaker that opens for 10 s at the first failure. */
class Stage {
  readonly clock = new ManualClock();
  readonly breakers = new Breakers(
    { failureThreshold: 1, successThreshold: 1, openStateTimeout: "10s" },
    { clock: this.clock },
  );
  readonly guarded: (input: string, init?: RequestInit) => Promise<Response>;
  answer = (): Response => new Response();
  sent = 0;

  constructor(options: ProtectFetchOptions = {}) {
    const fetch = (): Promise<Response> => {
      this.sent++;
      return Promise.resolve(this.answer());
    };
    const { wallClock } = this.clock;
    this.clock.setWallClock(NOON);
    this.guarded = protectFetch(this.breakers, { wallClock, fetch, ...options });
  }

  async failWith(status: number, retryAfter: string): Promise<void> {
    this.answer = () => new Response(null, { status, headers: { "Retry-After": retryAfter } });
    await this.guarded(SHOP);
    this.answer = () => new Response();
  }

  /** What the next call is refused with; `undefined`: it goes through. */
  async refusal(): Promise<BreakerOpenError | undefined> {
    try {
      await this.guarded(SHOP);
      return undefined;
    } catch (error) {
      if (error instanceof BreakerOpenError) return error;
      throw error;
    }
  }
}

interface HoldCase {
  readonly what: string;
  readonly status: number;
  readonly retryAfter: string;
  readonly options?: ProtectFetchOptions;
  /** Milliseconds from the failure until the next request goes through. */
  readonly refusedForMs: number;
}

const HOLDS: readonly HoldCase[] = [
  { what: "seconds of a 503", status: 503, retryAfter: "25", refusedForMs: 25_000 },
  { what: "seconds of a 429", status: 429, retryAfter: "25", refusedForMs: 25_000 },
  {
    what: "the date of a 503",
    status: 503,
    retryAfter: "Thu, 01 Jan 2026 12:00:40 GMT",
    refusedForMs: 40_000,
  },
  { what: "less than the open time", status: 503, retryAfter: "3", refusedForMs: 10_000 },
  {
    what: "a date that is past",
    status: 503,
    retryAfter: "Thu, 01 Jan 2026 11:00:00 GMT",
    refusedForMs: 10_000,
  },
  { what: "what is neither", status: 503, retryAfter: "soon", refusedForMs: 10_000 },
  { what: "a status that is not asked", status: 500, retryAfter: "25", refusedForMs: 10_000 },
  { what: "more than 5 minutes", status: 503, retryAfter: "86400", refusedForMs: 300_000 },
  {
    what: "more than maxRetryAfter",
    status: 503,
    retryAfter: "25",
    options: { maxRetryAfter: "15s" },
    refusedForMs: 15_000,
  },
  {
    what: "what is passed over",
    status: 503,
    retryAfter: "25",
    options: { maxRetryAfter: null },
    refusedForMs: 10_000,
  },
];

for (const { what, status, retryAfter, options, refusedForMs } of HOLDS) {
  Deno.test(`fetch: Retry-After, ${what}: an open breaker refuses for ${refusedForMs} ms`, async () => {
    const stage = new Stage(options);
    await stage.failWith(status, retryAfter);
    await stage.clock.tick(refusedForMs - 1);
    assert.equal((await stage.refusal())?.retryAfterMs, 1);
    await stage.clock.tick(1);
    assert.equal(await stage.refusal(), undefined);
    assert.equal(stage.sent, 2);
  });
}

Deno.test("fetch: Retry-After refuses nothing while the breaker is closed", async () => {
  const clock = new ManualClock();
  const headers = { "Retry-After": "60" };
  const guarded = protectFetch(new Breakers({}, { clock }), {
    fetch: () => Promise.resolve(new Response(null, { status: 429, headers })),
  });
  await guarded(SHOP);
  assert.equal((await guarded(SHOP)).status, 429);
});

Deno.test("fetch: a Retry-After from before the breaker opened holds it open, too", async () => {
  const stage = new Stage();
  stage.breakers.getBreaker("http://shop.example").override("metrics-only");
  await stage.failWith(503, "60");
  stage.breakers.only.override(null);
  await stage.failWith(500, "");
  await stage.clock.tick("30s");
  assert.equal((await stage.refusal())?.retryAfterMs, 30_000);
});

Deno.test("fetch: a held call's error is the breaker's own kind, and says what tripped it", async () => {
  const stage = new Stage();
  await stage.failWith(503, "60");
  await stage.clock.tick("30s");
  const error = await stage.refusal();
  assert.equal(
    error?.message,
    'Breaker "http://shop.example" refused the call: it is held (tripped by failureThreshold 1 reached 1, last failure ResultFailure)',
  );
  assert.deepEqual([error.reason, error.state, error.retryAfterMs], ["held", "half-open", 30_000]);
  assert.notEqual(await stage.refusal(), error); // each call has its own
});

Deno.test("fetch: what is refused for the server while the breaker is open is counted by the breaker", async () => {
  const stage = new Stage();
  await stage.failWith(503, "60");
  await stage.refusal();
  assert.equal(stage.breakers.only.counts.rejected, 1);
});

Deno.test("fetch: a reset lets calls through whatever the server asked for", async () => {
  const stage = new Stage();
  await stage.failWith(503, "60");
  stage.breakers.only.reset();
  assert.equal(await stage.refusal(), undefined);
});

Deno.test("fetch: forced open, a call is refused as forced", async () => {
  const stage = new Stage();
  await stage.failWith(503, "60");
  stage.breakers.only.override("forced-open");
  assert.equal((await stage.refusal())?.reason, "forced");
});

Deno.test("fetch: a retry waits for as long as Retry-After asks, and the breaker counts one call", async () => {
  const clock = new ManualClock();
  const breakers = new Breakers({}, { clock });
  const sentAt: number[] = [];
  const guarded = protectFetch(breakers, {
    retry: createRetry({ maxRetries: 2, backoff: "100ms" }, { clock }),
    fetch: () => {
      sentAt.push(clock.now());
      const isFirst = sentAt.length === 1;
      const headers = isFirst ? { "Retry-After": "7" } : undefined;
      return Promise.resolve(
        new Response(null, { status: isFirst ? 503 : 204, ...(headers && { headers }) }),
      );
    },
  });
  const pending = guarded(SHOP);
  await clock.tick("7s");
  assert.equal((await pending).status, 204);
  assert.deepEqual(sentAt, [0, 7_000]);
  assert.deepEqual([breakers.only.counts.calls, breakers.only.counts.successes], [1, 1]);
});
