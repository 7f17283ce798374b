import assert from "node:assert/strict";
import { createHttpClient } from "../../integrations/fetch/http_client.ts";
import type { ProtectFetchOptions } from "../../integrations/fetch/options.ts";
import { protectFetch } from "../../integrations/fetch/protect_fetch.ts";
import { BreakerOpenError } from "../../src/breaker/rejection.ts";
import { BreakerTimeoutError } from "../../src/errors.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";
import { Breakers, ManualFetch } from "./fetch_support.ts";

const URL_7 = "http://shop.example/items/7?token=secret";

function answering(status: number, headers: Record<string, string> = {}): ProtectFetchOptions {
  return { fetch: () => Promise.resolve(new Response("body", { status, headers })) };
}

interface NameCase {
  readonly url: string;
  readonly name: string;
}

const NAMES: readonly NameCase[] = [
  { url: "http://shop.example/a/b?c=d#e", name: "http://shop.example" },
  { url: "HTTPS://Shop.Example:443/", name: "https://shop.example" },
  { url: "http://shop.example:8080/", name: "http://shop.example:8080" },
  { url: "http://ann:secret@shop.example/?key=secret", name: "http://shop.example" },
  { url: "http://[2001:DB8::1]:80/", name: "http://[2001:db8::1]" },
  { url: "http://例え.jp/", name: "http://xn--r8jz45g.jp" },
  { url: "data:text/plain,secret", name: "data://" },
];

for (const { url, name } of NAMES) {
  Deno.test(`fetch: the breaker for ${url} is called ${name}`, async () => {
    const breakers = new Breakers();
    await protectFetch(breakers, answering(200))(url);
    assert.deepEqual(breakers.names, [name]);
  });
}

Deno.test("fetch: text, a URL and a request for one origin share its breaker", async () => {
  const breakers = new Breakers();
  const guarded = protectFetch(breakers, answering(200));
  await guarded(URL_7);
  await guarded(new URL(URL_7));
  await guarded(new Request(URL_7, { method: "POST", body: "x" }));
  assert.equal(breakers.only.counts.successes, 3);
});

Deno.test("fetch: name is given method and URL, and names the breaker", async () => {
  const breakers = new Breakers();
  const options = {
    ...answering(200),
    name: ({ method, url }: { method: string; url: URL }) => `${method} ${url.hostname}`,
  };
  await protectFetch(breakers, options)(new Request(URL_7), { method: "post" });
  assert.deepEqual(breakers.names, ["POST shop.example"]);
});

for (
  const [what, name] of [
    ["throws", () => {
      throw new Error("no name");
    }],
    ["gives no text", () => Reflect.get({}, "missing")],
  ] as const
) {
  Deno.test(`fetch: where name ${what} it is reported, and the origin is the name`, async () => {
    const breakers = new Breakers();
    const reported: string[] = [];
    const logger = { ...console, error: (message: string) => void reported.push(message) };
    await protectFetch(breakers, { ...answering(200), name, logger })(URL_7);
    assert.deepEqual(breakers.names, ["http://shop.example"]);
    assert.deepEqual(reported, ["Protected fetch: name failed, using the origin"]);
  });
}

for (
  const [status, failures] of [
    [200, 0],
    [304, 0],
    [404, 0],
    [428, 0],
    [429, 1],
    [499, 0],
    [
      500,
      1,
    ],
    [503, 1],
    [599, 1],
  ] as const
) {
  Deno.test(`fetch: status ${status} counts as ${failures} failures and reaches the caller unread`, async () => {
    const breakers = new Breakers();
    const body = status === 304 ? null : "body";
    const received = new Response(body, { status });
    const response = await protectFetch(breakers, { fetch: () => Promise.resolve(received) })(
      URL_7,
    );
    assert.equal(response, received);
    assert.equal(response.bodyUsed, false);
    assert.equal(breakers.only.counts.failures, failures);
    assert.equal(breakers.only.counts.successes, 1 - failures);
  });
}

Deno.test("fetch: isFailure judges in place of the status", async () => {
  const breakers = new Breakers();
  const isFailure = ({ headers }: Response): boolean => headers.has("x-degraded");
  await protectFetch(breakers, { ...answering(500), isFailure })(URL_7);
  await protectFetch(breakers, { ...answering(200, { "x-degraded": "1" }), isFailure })(URL_7);
  assert.deepEqual([breakers.only.counts.successes, breakers.only.counts.failures], [1, 1]);
});

Deno.test("fetch: where isFailure throws it is reported once, and the status decides", async () => {
  const breakers = new Breakers();
  const reported: string[] = [];
  const logger = { ...console, error: (message: string) => void reported.push(message) };
  const isFailure = (): boolean => {
    throw new Error("no verdict");
  };
  assert.equal(
    (await protectFetch(breakers, { ...answering(503), isFailure, logger })(URL_7)).status,
    503,
  );
  assert.equal(breakers.only.counts.failures, 1);
  assert.equal(reported.length, 1);
});

Deno.test("fetch: a network error is a failure and reaches the caller as it is", async () => {
  const breakers = new Breakers();
  const error = new TypeError("connection refused");
  const guarded = protectFetch(breakers, { fetch: () => Promise.reject(error) });
  await assert.rejects(guarded(URL_7), (thrown) => thrown === error);
  assert.equal(breakers.only.counts.failures, 1);
});

Deno.test("fetch: one that throws at once is a failure, and the call rejects", async () => {
  const breakers = new Breakers();
  const guarded = protectFetch(breakers, {
    fetch: () => {
      throw new TypeError("broken");
    },
  });
  await assert.rejects(guarded(URL_7), /broken/);
  assert.equal(breakers.only.counts.failures, 1);
});

const MISTAKES: readonly [string, string | URL | Request, RequestInit | undefined][] = [
  ["a URL that is none", "http://", undefined],
  ["a body for GET", URL_7, { body: "x" }],
  ["a header that is none", URL_7, { headers: { "a b": "1" } }],
  ["a method that is none", URL_7, { method: "a b" }],
];

for (const [what, input, init] of MISTAKES) {
  Deno.test(`fetch: ${what} is the caller's mistake: it rejects and no breaker counts it`, async () => {
    const breakers = new Breakers();
    await assert.rejects(protectFetch(breakers)(input, init), TypeError);
    assert.deepEqual(breakers.names, []);
  });
}

Deno.test("fetch: a request whose body was read before is the caller's mistake", async () => {
  const breakers = new Breakers();
  const request = new Request(URL_7, { method: "POST", body: "x" });
  await request.text();
  await assert.rejects(protectFetch(breakers)(request), TypeError);
  assert.deepEqual(breakers.names, []);
});

Deno.test("fetch: what is given reaches the fetch untouched where there is no time limit", async () => {
  const sent: unknown[] = [];
  const fetch = (...given: unknown[]): Promise<Response> => {
    sent.push(given);
    return Promise.resolve(new Response());
  };
  const init = { method: "POST", body: "x", signal: new AbortController().signal };
  await protectFetch(new Breakers(), { fetch })(URL_7, init);
  assert.deepEqual(sent, [[URL_7, init]]);
});

Deno.test("fetch: a refused call sends nothing and leaves the request's body unread", async () => {
  const breakers = new Breakers();
  breakers.getBreaker("http://shop.example").override("forced-open");
  const manual = new ManualFetch();
  const request = new Request(URL_7, { method: "POST", body: "x" });
  await assert.rejects(protectFetch(breakers, { fetch: manual.fetch })(request), BreakerOpenError);
  assert.equal(manual.answers.length, 0);
  assert.equal(await request.text(), "x");
});

for (
  const [where, call] of [
    ["init", (signal: AbortSignal) => [URL_7, { signal }] as const],
    ["the request", (signal: AbortSignal) => [new Request(URL_7, { signal })] as const],
    [
      "a request given as init",
      (signal: AbortSignal) => [URL_7, new Request("http://other.example", { signal })] as const,
    ],
  ] as const
) {
  for (const timeout of [null, "5s"]) {
    const limit = timeout === null ? "without a time limit" : "with a time limit";
    Deno.test(`fetch: the abort of ${where}'s signal rejects at once, counts for nothing and cancels the fetch, ${limit}`, async () => {
      const clock = new ManualClock();
      const breakers = new Breakers({ timeout }, { clock });
      const manual = new ManualFetch();
      const caller = new AbortController();
      const [input, init] = call(caller.signal);
      const pending = protectFetch(breakers, { fetch: manual.fetch })(input, init);
      caller.abort(new Error("gone"));
      await assert.rejects(pending, /gone/);
      assert.equal(manual.last.signal?.aborted, true);
      const { failures, successes, lifetime } = breakers.only.counts;
      assert.deepEqual([failures, successes, lifetime.ignored], [0, 0, 1]);
      assert.equal(clock.pendingTimers, 0);
    });
  }
}

Deno.test("fetch: a signal that is aborted already sends nothing", async () => {
  const breakers = new Breakers();
  const manual = new ManualFetch();
  const signal = AbortSignal.abort(new Error("gone"));
  await assert.rejects(
    protectFetch(breakers, { fetch: manual.fetch })(URL_7, { signal }),
    /gone/,
  );
  assert.equal(manual.answers.length, 0);
});

Deno.test("fetch: the caller's abort after the headers still cancels the body, with a time limit, too", async () => {
  const clock = new ManualClock();
  const breakers = new Breakers({ timeout: "5s" }, { clock });
  const manual = new ManualFetch();
  const caller = new AbortController();
  const pending = protectFetch(breakers, { fetch: manual.fetch })(URL_7, {
    signal: caller.signal,
  });
  manual.last.resolve(new Response("body"));
  await pending;
  assert.equal(manual.last.signal?.aborted, false);
  caller.abort();
  assert.equal(manual.last.signal?.aborted, true);
});

Deno.test("fetch: at the policy's time limit the fetch is cancelled and a timeout counted", async () => {
  const clock = new ManualClock();
  const breakers = new Breakers({ timeout: "5s" }, { clock });
  const manual = new ManualFetch();
  const pending = protectFetch(breakers, { fetch: manual.fetch })(URL_7);
  const rejected = assert.rejects(pending, BreakerTimeoutError);
  await clock.tick("5s");
  await rejected;
  assert.equal(manual.last.signal?.aborted, true);
  assert.equal(breakers.only.counts.timeouts, 1);
});

Deno.test("fetch: a response that comes after the time limit is given up, so that its connection is free", async () => {
  const clock = new ManualClock();
  const manual = new ManualFetch();
  const pending = protectFetch(new Breakers({ timeout: "5s" }, { clock }), {
    fetch: manual.fetch,
  })(URL_7);
  const rejected = assert.rejects(pending, BreakerTimeoutError);
  await clock.tick("5s");
  await rejected;
  const late = new Response("late");
  manual.last.resolve(late);
  await clock.tick();
  assert.equal((await late.body?.getReader().read())?.done, true);
});

interface HttpClientCase {
  readonly what: string;
  readonly policy?: Policy;
  readonly timeoutMs: number | undefined;
  readonly openMs: number;
}

const CLIENTS: readonly HttpClientCase[] = [
  { what: "by default", timeoutMs: 10_000, openMs: 30_000 },
  {
    what: "with another open time",
    policy: { openStateTimeout: "5s" },
    timeoutMs: 10_000,
    openMs: 5_000,
  },
  { what: "without a time limit", policy: { timeout: null }, timeoutMs: undefined, openMs: 30_000 },
];

for (const { what, policy, timeoutMs, openMs } of CLIENTS) {
  Deno.test(`createHttpClient: its policy ${what}`, () => {
    const http = createHttpClient(policy === undefined ? {} : { policy });
    const effective = http.getBreaker("http://shop.example").policy;
    assert.equal(effective.timeout, timeoutMs);
    assert.equal(effective.openStateTimeout, openMs);
    assert.deepEqual(
      [effective.failureThreshold, effective.successThreshold, effective.halfOpen.maxProbes],
      [5, 3, 3],
    );
  });
}

Deno.test("createHttpClient: five failures open it, three probes after 30 s close it", async () => {
  const clock = new ManualClock();
  let status = 500;
  const http = createHttpClient({
    clock,
    fetch: () => Promise.resolve(new Response(null, { status })),
  });
  for (let i = 0; i < 5; i++) assert.equal((await http(URL_7)).status, 500);
  await assert.rejects(http(URL_7), BreakerOpenError);
  await clock.tick("30s");
  status = 204;
  const { state: halfOpen } = http.getBreaker("http://shop.example");
  for (let i = 0; i < 3; i++) await http(URL_7);
  assert.deepEqual([halfOpen, http.getBreaker("http://shop.example").state], [
    "half-open",
    "closed",
  ]);
});

Deno.test("createHttpClient: 10,000 origins leave no more breakers than it may hold", async () => {
  const policy = { failureThreshold: 0, window: { kind: "count", size: 1 } } as const;
  // On the system's clock so many looks are a burst, which ends by a timer of a millisecond.
  const clock = new ManualClock();
  const http = createHttpClient({ ...answering(200), policy, maxBreakers: 100, clock });
  for (let i = 0; i < 10_000; i++) await http(`http://host-${i}.example/`);
  assert.equal(http.heldBreakers, 100);
});

const WRONG: readonly [string, () => unknown, RegExp][] = [
  [
    "no provider",
    () => Reflect.apply(protectFetch, undefined, [undefined]),
    /Cannot protect fetch: "provider" must be an object/,
  ],
  [
    "an unknown option",
    () => Reflect.apply(protectFetch, undefined, [new Breakers(), { untill: "body" }]),
    /unknown option "untill"; did you mean "until"\?/,
  ],
  [
    "a Retry-After below 0",
    () => protectFetch(new Breakers(), { maxRetryAfter: -1 }),
    /"maxRetryAfter" must be a duration from 0 ms/,
  ],
  ["no breakers at all", () => createHttpClient({ maxBreakers: 0 }), /"maxBreakers" must be/],
  [
    "a policy that is none",
    () => createHttpClient({ policy: { failureThreshold: -1 } }),
    /Cannot use policy of the HTTP client/,
  ],
];

for (const [what, make, message] of WRONG) {
  Deno.test(`fetch: ${what} is refused when it is made`, () => {
    assert.throws(make, message);
  });
}
