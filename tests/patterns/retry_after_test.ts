import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { BreakerOpenError } from "../../src/breaker/rejection.ts";
import { fixedDelay } from "../../src/patterns/retry/backoff.ts";
import { retryAfterMs } from "../../src/patterns/retry/retry_after.ts";
import { parseHttpDate } from "../../src/patterns/retry/retry_http_date.ts";
import { Failing, retryBench, watch } from "./retry_support.ts";

/** Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110. */
const NOW = Date.UTC(1994, 10, 6, 8, 49, 37);
const wallClock = (): number => NOW;
const IN_90_S = "Sun, 06 Nov 1994 08:51:07 GMT";

function throwingHeaders(): object {
  return {
    get headers(): unknown {
      throw new Error("getter");
    },
    get retryAfterMs(): unknown {
      throw new Error("getter");
    },
    retryAfter: 3,
  };
}

const SOURCES: readonly [what: string, error: unknown, waitMs: number | undefined][] = [
  ["retryAfterMs", { retryAfterMs: 1_500 }, 1_500],
  ["retryAfterMs of a breaker's rejection", rejection(), 700],
  ["retryAfterMs of 0", { retryAfterMs: 0 }, 0],
  ["an infinite retryAfterMs", { retryAfterMs: Infinity }, Infinity],
  ["retryAfter in seconds", { retryAfter: 1.5 }, 1_500],
  ["retryAfter as text", { retryAfter: "120" }, 120_000],
  ["retryAfter as an HTTP date", { retryAfter: IN_90_S }, 90_000],
  ["retryAfter as a Date", { retryAfter: new Date(NOW + 5_000) }, 5_000],
  ["a Date that is past", { retryAfter: new Date(NOW - 5_000) }, 0],
  ["headers", { headers: new Headers({ "Retry-After": "7" }) }, 7_000],
  ["a response's headers", { response: { headers: new Headers({ "retry-after": "7" }) } }, 7_000],
  ["a thrown Response", new Response(null, { headers: { "Retry-After": IN_90_S } }), 90_000],
  ["a Map of headers", { headers: new Map([["retry-after", "7"]]) }, 7_000],
  ["a plain object of headers", { headers: { "Retry-After": "7" } }, 7_000],
  ["a header in capitals", { response: { headers: { "RETRY-AFTER": "7" } } }, 7_000],
  ["a header that is a number", { headers: { "retry-after": 7 } }, 7_000],
  ["a list of headers", { headers: { "retry-after": ["7", "9"] } }, 7_000],
  ["white space around it", { headers: { "retry-after": " 7 " } }, 7_000],
  ["a date that is past", { headers: { "retry-after": "Sat, 05 Nov 1994 08:49:37 GMT" } }, 0],
  ["a cause", new Error("outer", { cause: { retryAfter: 2 } }), 2_000],
  ["the milliseconds before the seconds", { retryAfterMs: 5, retryAfter: 7 }, 5],
  ["the field before the header", { retryAfter: 7, headers: { "retry-after": "9" } }, 7_000],
  [
    "the header where the field is none",
    { retryAfter: -1, headers: { "retry-after": "9" } },
    9_000,
  ],
  ["more digits than a number holds", { retryAfter: "9".repeat(400) }, Infinity],
  ["getters that throw, beside one that does not", throwingHeaders(), 3_000],
  ["nothing", new Error("down"), undefined],
  ["undefined", undefined, undefined],
  ["a text", "120", undefined],
  ["a negative number", { retryAfter: -5 }, undefined],
  ["negative text", { retryAfter: "-5" }, undefined],
  ["a fraction as text", { retryAfter: "1.5" }, undefined],
  ["no number", { retryAfterMs: Number.NaN }, undefined],
  ["a Date that is none", { retryAfter: new Date(Number.NaN) }, undefined],
  ["text that is neither", { headers: { "retry-after": "Soon" } }, undefined],
  ["an ISO date", { headers: { "retry-after": "1994-11-06T08:51:07Z" } }, undefined],
  ["empty text", { headers: { "retry-after": "" } }, undefined],
  ["headers that are null", { headers: null, response: null }, undefined],
  ["a get that throws", {
    headers: {
      get: (): never => {
        throw new Error("get");
      },
    },
  }, undefined],
];

function rejection(): BreakerOpenError {
  return new BreakerOpenError({
    breaker: "b",
    state: "open",
    reason: "open",
    retryAfterMs: 700,
  });
}

for (const [what, error, waitMs] of SOURCES) {
  Deno.test(`Retry-After: ${what} gives ${waitMs}`, () => {
    assert.equal(retryAfterMs(error, wallClock), waitMs);
  });
}

for (
  const [what, broken] of [
    ["throws", (): never => {
      throw new Error("no clock");
    }],
    ["gives NaN", () => Number.NaN],
  ] as const
) {
  Deno.test(`Retry-After: a wall clock that ${what} passes a date over`, () => {
    assert.equal(retryAfterMs({ retryAfter: IN_90_S }, broken), undefined);
  });
}

const DATES: readonly [text: string, timeMs: number | undefined][] = [
  ["Sun, 06 Nov 1994 08:49:37 GMT", NOW],
  ["Sunday, 06-Nov-94 08:49:37 GMT", NOW],
  ["Sun Nov  6 08:49:37 1994", NOW],
  ["Wed Nov 16 08:49:37 1994", NOW + 10 * 86_400_000],
  ["Friday, 06-Nov-44 08:49:37 GMT", Date.UTC(2044, 10, 6, 8, 49, 37)],
  ["Friday, 06-Nov-45 08:49:37 GMT", Date.UTC(1945, 10, 6, 8, 49, 37)],
  ["Thu, 29 Feb 1996 00:00:00 GMT", Date.UTC(1996, 1, 29)],
  ["Sat, 31 Dec 2016 23:59:60 GMT", Date.UTC(2017, 0, 1)],
  ["Sat, 01 Jan 0099 00:00:00 GMT", new Date("0099-01-01T00:00:00Z").getTime()],
  ["Wed, 29 Feb 1995 00:00:00 GMT", undefined],
  ["Sun, 00 Nov 1994 08:49:37 GMT", undefined],
  ["Sun, 06 Nov 1994 24:00:00 GMT", undefined],
  ["Sun, 06 Nov 1994 08:60:00 GMT", undefined],
  ["Sun, 06 Nov 1994 08:49:61 GMT", undefined],
  ["Sun, 06 Nov 1994 08:49:37 UTC", undefined],
  ["Sun, 6 Nov 1994 08:49:37 GMT", undefined],
  ["Sun, 06 Nov 1994 08:49:37 GMT, 5", undefined],
  ["5", undefined],
];

for (const [text, timeMs] of DATES) {
  Deno.test(`HTTP date: ${text} is ${timeMs}`, () => {
    assert.equal(parseHttpDate(text, NOW), timeMs);
  });
}

Deno.test("property: an HTTP date that a Date has written is read back, to the second", () => {
  const time = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) / 1_000 });
  fc.assert(fc.property(time, (seconds) => {
    assert.equal(parseHttpDate(new Date(seconds * 1_000).toUTCString(), NOW), seconds * 1_000);
  }));
});

Deno.test("property: whatever is thrown, looking for Retry-After neither throws nor finds a negative wait", () => {
  fc.assert(fc.property(fc.anything({ withDate: true, withMap: true }), (value) => {
    for (const error of [value, { retryAfter: value }, { headers: value }, { response: value }]) {
      const waitMs = retryAfterMs(error, wallClock);
      assert(waitMs === undefined || waitMs >= 0);
    }
  }));
});

const WAITS: readonly [what: string, asked: number, delay: number, waitMs: number][] = [
  ["a longer Retry-After than the policy's delay is waited", 5_000, 100, 5_000],
  ["a shorter Retry-After than the policy's delay is exceeded", 50, 100, 100],
  ["a Retry-After of exactly the limit is waited", 30_000, 100, 30_000],
  ["a Retry-After is waited where the policy would not wait", 10, 0, 10],
];

for (const [what, asked, delay, waitMs] of WAITS) {
  Deno.test(what, async () => {
    const { retry, clock, events } = retryBench(fixedDelay(delay, { maxAttempts: 2 }));
    const failing = new Failing({ retryAfterMs: asked });
    watch(retry.do(failing.operation));
    await clock.tick(waitMs - 1);
    assert.equal(failing.calls, 1);
    await clock.tick(1);
    assert.equal(failing.calls, 2);
    assert.deepEqual([events[0]?.delayMs, events[0]?.retryAfterMs], [waitMs, asked]);
  });
}

for (
  const [maxRetryAfter, asked] of [[undefined, 30_001], ["2s", 2_001], [0, 1], [
    "1h",
    Infinity,
  ]] as const
) {
  Deno.test(`a Retry-After of ${asked} ms ends the call at once where ${maxRetryAfter ?? "30s (the default)"} is the limit`, async () => {
    const options = maxRetryAfter === undefined ? {} : { maxRetryAfter };
    const { retry, reports } = retryBench(fixedDelay(0), options);
    const failing = new Failing({ retryAfterMs: asked });
    await assert.rejects(retry.do(failing.operation), (error) => error === failing.error);
    assert.deepEqual([failing.calls, reports[0]?.outcome], [1, "retry-after-too-long"]);
  });
}

Deno.test("with maxRetryAfter null a Retry-After is passed over, and not even read", async () => {
  const { retry, events } = retryBench(fixedDelay(0), { maxRetryAfter: null });
  let reads = 0;
  const error = {
    get retryAfterMs(): number {
      reads++;
      return 60_000;
    },
  };
  await assert.rejects(retry.do(new Failing(error).operation));
  assert.deepEqual([events.map(({ delayMs }) => delayMs), reads], [[0, 0], 0]);
});

Deno.test("a Retry-After that is a date counts from the wall clock", async () => {
  const { retry, clock, events } = retryBench(fixedDelay(0), { wallClock, maxRetryAfter: "2m" });
  watch(retry.do(new Failing({ headers: { "Retry-After": IN_90_S } }).operation));
  await clock.tick();
  assert.equal(events[0]?.delayMs, 90_000);
});

Deno.test("a Retry-After lengthens one wait, and not the delays that build on the one before", async () => {
  const previous: unknown[] = [];
  const { retry, clock } = retryBench({
    maxAttempts: 3,
    shouldRetry: () => true,
    delay: (_attempt, previousMs) => {
      previous.push(previousMs);
      return 10;
    },
  });
  watch(retry.do(new Failing({ retryAfterMs: 500 }).operation));
  await clock.tick("2s");
  assert.deepEqual(previous, [undefined, 10]);
});
