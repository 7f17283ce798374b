import assert from "node:assert/strict";
import { protectFetch } from "../../integrations/fetch/protect_fetch.ts";
import { createRetry } from "../../src/patterns/retry/retry.ts";
import type { RetryOptions } from "../../src/patterns/retry/retry_options.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";
import { BreakerTimeoutError } from "../../src/errors.ts";
import { Breakers, ManualFetch } from "./fetch_support.ts";

const SHOP = "http://shop.example/";

function retryAtOnce(options: RetryOptions = {}): ReturnType<typeof createRetry> {
  return createRetry({ maxRetries: 2, backoff: 0 }, options);
}

interface RepeatCase {
  readonly what: string;
  readonly request: () => readonly [string | Request, RequestInit?];
  readonly sent: number;
}

const stream = (): ReadableStream => new Response("x").body ?? new ReadableStream();

const REPEATS: readonly RepeatCase[] = [
  { what: "GET", request: () => [SHOP], sent: 3 },
  { what: "HEAD", request: () => [SHOP, { method: "HEAD" }], sent: 3 },
  { what: "delete, in lower case", request: () => [SHOP, { method: "delete" }], sent: 3 },
  { what: "PUT with a text", request: () => [SHOP, { method: "PUT", body: "x" }], sent: 3 },
  {
    what: "PUT with bytes",
    request: () => [SHOP, { method: "PUT", body: new Uint8Array(9) }],
    sent: 3,
  },
  { what: "PUT with a stream", request: () => [SHOP, { method: "PUT", body: stream() }], sent: 1 },
  {
    what: "a PUT request with a body",
    request: () => [new Request(SHOP, { method: "PUT", body: "x" })],
    sent: 1,
  },
  {
    what: "a PUT request without a body",
    request: () => [new Request(SHOP, { method: "PUT" })],
    sent: 3,
  },
  { what: "POST", request: () => [SHOP, { method: "POST", body: "x" }], sent: 1 },
  { what: "PATCH", request: () => [SHOP, { method: "PATCH", body: "x" }], sent: 1 },
];

for (const { what, request, sent } of REPEATS) {
  Deno.test(`fetch: ${what} that fails is sent ${sent} times with two retries`, async () => {
    let count = 0;
    const guarded = protectFetch(new Breakers(), {
      retry: retryAtOnce(),
      fetch: () => {
        count++;
        return Promise.resolve(new Response(null, { status: 500 }));
      },
    });
    const [input, init] = request();
    assert.equal((await guarded(input, init)).status, 500);
    assert.equal(count, sent);
  });
}

Deno.test("fetch: what a retry gives up with is the last response, its body unread, and one failure", async () => {
  const breakers = new Breakers();
  const responses = [1, 2, 3].map((n) => new Response(`body ${n}`, { status: 503 }));
  let count = 0;
  const guarded = protectFetch(breakers, {
    retry: retryAtOnce(),
    fetch: () => Promise.resolve(responses[count++] ?? new Response()),
  });
  assert.equal(await (await guarded(SHOP)).text(), "body 3");
  assert.equal(breakers.only.counts.failures, 1);
});

Deno.test("fetch: the bodies of attempts that are repeated are cancelled, so that their connections are free", async () => {
  const first = new Response("body", { status: 503 });
  let count = 0;
  const guarded = protectFetch(new Breakers(), {
    retry: retryAtOnce(),
    fetch: () => Promise.resolve(++count === 1 ? first : new Response()),
  });
  await guarded(SHOP);
  assert.equal((await first.body?.getReader().read())?.done, true);
});

Deno.test("fetch: a network error is retried", async () => {
  let count = 0;
  const guarded = protectFetch(new Breakers(), {
    retry: retryAtOnce(),
    fetch: () =>
      ++count < 3 ? Promise.reject(new TypeError("reset")) : Promise.resolve(new Response()),
  });
  assert.equal((await guarded(SHOP)).status, 200);
});

Deno.test("fetch: a retry's hooks see the failed response", async () => {
  const seen: string[] = [];
  const onRetry = ({ error }: { error: unknown }): void => void seen.push(String(error));
  const guarded = protectFetch(new Breakers(), {
    retry: createRetry({ maxRetries: 1, backoff: 0 }, { onRetry }),
    fetch: () => Promise.resolve(new Response(null, { status: 502 })),
  });
  await guarded(SHOP);
  assert.deepEqual(seen, ["FailedResponseError: The server answered with status 502"]);
});

Deno.test("fetch: the caller's abort ends the wait for another attempt, and gives up the last response", async () => {
  const clock = new ManualClock();
  const breakers = new Breakers({}, { clock });
  const first = new Response("body", { status: 503 });
  const caller = new AbortController();
  const guarded = protectFetch(breakers, {
    retry: createRetry({ backoff: "1m" }, { clock }),
    fetch: () => Promise.resolve(first),
  });
  const pending = guarded(SHOP, { signal: caller.signal });
  await clock.tick();
  caller.abort(new Error("gone"));
  await assert.rejects(pending, /gone/);
  await clock.tick();
  assert.equal((await first.body?.getReader().read())?.done, true);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("fetch: the policy's time limit is that of all attempts and of the waits between them", async () => {
  const clock = new ManualClock();
  const breakers = new Breakers({ timeout: "5s" }, { clock });
  const manual = new ManualFetch();
  const pending = protectFetch(breakers, {
    retry: createRetry({ backoff: "3s" }, { clock }),
    fetch: manual.fetch,
  })(SHOP);
  const rejected = assert.rejects(pending, BreakerTimeoutError);
  manual.last.reject(new TypeError("reset"));
  await clock.tick("3s");
  await clock.tick("2s");
  await rejected;
  assert.equal(manual.answers.length, 2);
  assert.equal(clock.pendingTimers, 0);
});
