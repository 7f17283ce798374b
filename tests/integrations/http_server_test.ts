import assert from "node:assert/strict";
import { bulkhead } from "../../integrations/http_server/bulkhead.ts";
import { health } from "../../integrations/http_server/health.ts";
import {
  compose,
  type ConnectionInfo,
  type Middleware,
} from "../../integrations/http_server/middleware.ts";
import { rateLimit, type RateLimitOptions } from "../../integrations/http_server/rate_limit.ts";
import type { Breaker } from "../../src/breaker/breaker.ts";
import { createBreaker } from "../../src/breaker/create_breaker.ts";
import { createBulkhead } from "../../src/patterns/bulkhead/bulkhead.ts";
import { createKeyedLimiter } from "../../src/patterns/rate_limit/keyed_limiter.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";

const SHOP = "http://shop.example/";
const served = (): Response => new Response("served");

function from(hostname: string): ConnectionInfo {
  return { remoteAddr: { transport: "tcp", hostname } };
}

async function ask(
  middleware: Middleware,
  address = "192.0.2.1",
  headers: Record<string, string> = {},
): Promise<Response> {
  return await middleware(new Request(SHOP, { headers }), served, from(address));
}

Deno.test("compose: the first middleware is the outermost, and what it does not pass on reaches nobody", async () => {
  const seen: string[] = [];
  const note = (name: string): Middleware => (_request, next) => {
    seen.push(name);
    return next();
  };
  const stop: Middleware = () => new Response("stopped");
  const whole = compose(note("a"), note("b"), stop, note("c"));
  assert.equal(await (await ask(whole)).text(), "stopped");
  assert.deepEqual(seen, ["a", "b"]);
});

Deno.test("compose: nothing passes everything on", async () => {
  assert.equal(await (await ask(compose())).text(), "served");
});

Deno.test("rateLimit: beyond the burst a key gets 429 with Retry-After, until there is more", async () => {
  const clock = new ManualClock();
  const limit = rateLimit({ rate: 0.25, burst: 2, clock });
  const statuses = [await ask(limit), await ask(limit), await ask(limit)].map((r) => r.status);
  const refused = await ask(limit);
  await clock.tick("4s");
  assert.deepEqual(statuses, [200, 200, 429]);
  assert.equal(refused.headers.get("Retry-After"), "4");
  assert.equal(await refused.text(), "Too Many Requests\n");
  assert.equal((await ask(limit)).status, 200);
});

interface HeadersCase {
  readonly what: string;
  readonly options: RateLimitOptions;
  readonly policy: string | null;
  readonly limits: readonly (string | null)[];
}

const HEADERS: readonly HeadersCase[] = [
  {
    what: "quota and window, what is left and when there is more",
    options: { rate: 0.5, burst: 2 },
    policy: '"default";q=2;w=4',
    limits: ['"default";r=1;t=2', '"default";r=0;t=2', '"default";r=0;t=2'],
  },
  {
    what: "a name with quotes is a structured field's string",
    options: { rate: 1, burst: 1, name: 'a "b\\' },
    policy: '"a \\"b\\\\";q=1;w=1',
    limits: ['"a \\"b\\\\";r=0;t=1'],
  },
  {
    what: "a limit that never gives more has no window",
    options: { rate: 0, burst: 1 },
    policy: '"default";q=1',
    limits: ['"default";r=0', '"default";r=0'],
  },
  { what: "none without a limit", options: { rate: Infinity }, policy: null, limits: [null, null] },
  {
    what: "none where not wanted",
    options: { rate: 1, headers: false },
    policy: null,
    limits: [null, null],
  },
];

for (const { what, options, policy, limits } of HEADERS) {
  Deno.test(`rateLimit: its headers: ${what}`, async () => {
    const limit = rateLimit({ ...options, clock: new ManualClock() });
    const found: (string | null)[] = [];
    for (const _ of limits) {
      const { headers } = await ask(limit);
      assert.equal(headers.get("RateLimit-Policy"), policy);
      found.push(headers.get("RateLimit"));
    }
    assert.deepEqual(found, limits);
  });
}

Deno.test("rateLimit: two limits, one in the other, are two policies in one list", async () => {
  const clock = new ManualClock();
  const limit = compose(
    rateLimit({ rate: 1, burst: 5, name: "outer", clock }),
    rateLimit({ rate: 1, burst: 3, name: "inner", clock }),
  );
  const { headers } = await ask(limit);
  assert.equal(headers.get("RateLimit"), '"inner";r=2;t=1, "outer";r=4;t=1');
});

Deno.test("rateLimit: headers are added to a response whose headers are immutable, too", async () => {
  const limit = rateLimit({ rate: 1 });
  const redirect = Response.redirect("http://shop.example/elsewhere", 303);
  const response = await limit(new Request(SHOP), () => Promise.resolve(redirect));
  assert.deepEqual([response.status, response.headers.get("Location")], [
    303,
    "http://shop.example/elsewhere",
  ]);
  assert.equal(response.headers.get("RateLimit"), '"default";r=0;t=1');
});

interface KeyCase {
  readonly what: string;
  readonly options?: RateLimitOptions;
  /** Address and headers of requests; each pair shares one key or does not. */
  readonly pairs: readonly (readonly [Caller, Caller, boolean])[];
}

interface Caller {
  readonly at?: string;
  readonly user?: string;
  readonly via?: string;
}

const PROXY = { trustedProxies: ["10.0.0.0/8", "2001:db8::/32"] };

const KEYS: readonly KeyCase[] = [
  {
    what: "by default only the address counts, whatever a request says",
    pairs: [
      [{ at: "192.0.2.1", user: "ann" }, { at: "192.0.2.1", user: "bob" }, true],
      [{ at: "192.0.2.1", via: "192.0.2.8" }, { at: "192.0.2.1", via: "192.0.2.9" }, true],
      [{ at: "192.0.2.1" }, { at: "192.0.2.2" }, false],
    ],
  },
  {
    what: "an address in any form is one key",
    pairs: [
      [{ at: "192.0.2.1" }, { at: "::ffff:192.0.2.1" }, true],
      [{ at: "192.0.2.1" }, { at: "::FFFF:C000:201" }, true],
      [{ at: "192.0.2.1" }, { at: "[::ffff:c000:201]:443" }, true],
      [{ at: "192.0.2.1" }, { at: "192.0.2.1:5000" }, true],
      [{ at: "2001:db8::1" }, { at: "2001:0DB8:0:0:0:0:0:1" }, true],
      [{ at: "fe80::1" }, { at: "fe80::1%eth0" }, true],
    ],
  },
  {
    what: "an IPv6 network is one key",
    pairs: [
      [{ at: "2001:db8:1:2::1" }, { at: "2001:db8:1:2:ffff::9" }, true],
      [{ at: "2001:db8:1:2::1" }, { at: "2001:db8:1:3::1" }, false],
    ],
  },
  {
    what: "an IPv6 network may be wider",
    options: { ipv6Prefix: 44 },
    pairs: [
      [{ at: "2001:db8:1::" }, { at: "2001:db8:f::" }, true],
      [{ at: "2001:db8:1::" }, { at: "2001:db8:10::" }, false],
    ],
  },
  {
    what: "a trusted proxy names the user",
    options: PROXY,
    pairs: [
      [{ at: "10.1.2.3", user: "ann" }, { at: "10.9.9.9", user: "ann" }, true],
      [{ at: "10.1.2.3", user: "ann" }, { at: "10.1.2.3", user: "bob" }, false],
      [{ at: "::ffff:10.1.2.3", user: "ann" }, { at: "2001:db8::7", user: "ann" }, true],
      [{ at: "192.0.2.1", user: "ann" }, { at: "10.1.2.3", user: "ann" }, false],
      [{ at: "192.0.2.1", user: "ann" }, { at: "192.0.2.1", user: "bob" }, true],
    ],
  },
  {
    what: "of X-Forwarded-For the last that is no trusted proxy counts",
    options: PROXY,
    pairs: [
      [{ at: "10.1.2.3", via: "192.0.2.1" }, { at: "192.0.2.1" }, true],
      [{ at: "10.1.2.3", via: "6.6.6.6, 192.0.2.1, 10.4.4.4" }, { at: "192.0.2.1" }, true],
      [
        { at: "10.1.2.3", via: "6.6.6.6, 192.0.2.1" },
        { at: "10.1.2.3", via: "7.7.7.7, 192.0.2.1" },
        true,
      ],
      [{ at: "10.1.2.3", via: "192.0.2.1, unknown" }, { at: "10.1.2.3" }, true],
      [{ at: "10.1.2.3", via: "10.7.7.7" }, { at: "10.7.7.7" }, true],
    ],
  },
  {
    what: "whoever connects is believed where said so, and of what it passes on the last",
    options: { trustedProxies: "any" },
    pairs: [
      [{ at: "192.0.2.1", user: "ann" }, { user: "ann" }, true],
      [{ at: "192.0.2.1", via: "6.6.6.6, 198.51.100.1" }, { via: "198.51.100.1" }, true],
    ],
  },
  {
    what: "another header may name the user",
    options: { ...PROXY, userHeader: "X-Forwarded-For" },
    pairs: [[{ at: "10.1.2.3", via: "ann" }, { at: "10.1.2.3", via: "bob" }, false]],
  },
  {
    what: "a user who is called like an address is not that address",
    options: PROXY,
    pairs: [[{ at: "10.1.2.3", user: "192.0.2.1" }, { at: "192.0.2.1" }, false]],
  },
  {
    what: "without an address all share one key",
    pairs: [[{}, { at: "no address" }, true], [{}, { at: "192.0.2.1" }, false]],
  },
];

function callBy(limit: Middleware, { at, user, via }: Caller): Response | Promise<Response> {
  const headers = {
    ...(user !== undefined && { "X-User-ID": user }),
    ...(via !== undefined && { "X-Forwarded-For": via }),
  };
  return limit(new Request(SHOP, { headers }), served, at === undefined ? {} : from(at));
}

for (const { what, options, pairs } of KEYS) {
  Deno.test(`rateLimit: ${what}`, async () => {
    for (const [first, second, shared] of pairs) {
      const limit = rateLimit({ rate: 0, burst: 1, clock: new ManualClock(), ...options });
      await callBy(limit, first);
      const { status } = await callBy(limit, second);
      assert.equal(status, shared ? 429 : 200, JSON.stringify([first, second]));
    }
  });
}

Deno.test("rateLimit: key decides; where it gives nothing, user and address do", async () => {
  const key = (request: Request): string | undefined =>
    request.headers.get("x-tenant") ?? undefined;
  const limit = rateLimit({ rate: 0, burst: 1, key });
  const statuses = [
    await ask(limit, "192.0.2.1", { "x-tenant": "a" }),
    await ask(limit, "192.0.2.2", { "x-tenant": "a" }),
    await ask(limit, "192.0.2.1"),
    await ask(limit, "192.0.2.1"),
  ].map(({ status }) => status);
  assert.deepEqual(statuses, [200, 429, 200, 429]);
});

Deno.test("rateLimit: a key that throws is reported, and the address decides", async () => {
  const reported: string[] = [];
  const logger = { ...console, error: (message: string) => void reported.push(message) };
  const key = (): string => {
    throw new Error("no key");
  };
  const limit = rateLimit({ rate: 0, burst: 1, key, logger });
  assert.deepEqual([(await ask(limit)).status, (await ask(limit)).status], [200, 429]);
  assert.deepEqual(reported.slice(1), [
    'Rate limit "default": key failed, going by user and address',
  ]);
});

Deno.test("rateLimit: no part of a key shows in a response", async () => {
  const limit = rateLimit({ rate: 0, burst: 1, key: () => 'x\r\nSet-Cookie: a=b"' });
  const responses = [await ask(limit), await ask(limit)];
  for (const { headers } of responses) {
    assert.deepEqual(
      [...headers.keys()].filter((name) => !/^(ratelimit|content-type)/.test(name)),
      [],
    );
  }
  assert.equal(await responses[1]?.text(), "Too Many Requests\n");
});

Deno.test("rateLimit: 100,000 users leave no more keys than are remembered, and long ones are cut", async () => {
  const limiter = createKeyedLimiter({ create: { rate: 1, burst: 1 }, maxKeys: 1_000 });
  const lengths = new Set<number>();
  const limit = rateLimit({ limiter, trustedProxies: "any", headers: false });
  for (let i = 0; i < 100_000; i++) {
    await ask(limit, "192.0.2.1", {
      "X-User-ID": i % 100 === 0 ? `${i}`.padEnd(5_000) + i : `${i}`,
    });
  }
  limiter.changeAll((_bucket, key) => void lengths.add(key.length));
  assert.equal(limiter.size, 1_000);
  assert.deepEqual([...lengths].filter((length) => length > 256), []);
});

Deno.test("rateLimit: a limiter of the caller's own can be changed while it is in use", async () => {
  const limiter = createKeyedLimiter({ create: { rate: 0, burst: 1 } });
  const limit = rateLimit({ limiter });
  await ask(limit);
  const before = (await ask(limit)).status;
  limiter.changeAll((bucket) => bucket.setLimit(Infinity));
  assert.deepEqual([before, (await ask(limit)).status], [429, 200]);
});

Deno.test("bulkhead: with all slots taken a request waits for its turn, and beyond that gets 503", async () => {
  const limit = bulkhead({ maxConcurrent: 1, maxQueued: 1, retryAfter: "1500ms" });
  const { promise, resolve } = Promise.withResolvers<Response>();
  const first = limit(new Request(SHOP), () => promise);
  const second = ask(limit);
  const third = await ask(limit);
  assert.deepEqual([third.status, third.headers.get("Retry-After")], [503, "2"]);
  resolve(new Response("first"));
  assert.deepEqual([await (await first).text(), await (await second).text()], ["first", "served"]);
});

Deno.test("bulkhead: a handler that throws frees its slot, and its error goes on", async () => {
  const slots = createBulkhead({ maxConcurrent: 1 });
  const limit = bulkhead({ bulkhead: slots });
  const failing = async (): Promise<Response> =>
    await limit(new Request(SHOP), () => {
      throw new Error("broken");
    });
  await assert.rejects(failing(), /broken/);
  assert.equal(slots.active, 0);
});

Deno.test("bulkhead: a client that goes away while it waits loses its place", async () => {
  const slots = createBulkhead({ maxConcurrent: 1, maxQueued: 1 });
  const limit = bulkhead({ bulkhead: slots });
  const { promise, resolve } = Promise.withResolvers<Response>();
  const first = limit(new Request(SHOP), () => promise);
  const client = new AbortController();
  const waiting = limit(new Request(SHOP, { signal: client.signal }), served);
  client.abort();
  assert.equal((await waiting).status, 499);
  assert.equal(slots.queued, 0);
  resolve(new Response());
  await first;
});

function list(...breakers: Breaker[]): { breakers: () => Breaker[] } {
  return { breakers: () => breakers };
}

async function reportOf(middleware: Middleware): Promise<unknown> {
  return await (await middleware(new Request(`${SHOP}health`), served)).json();
}

Deno.test("health: with every breaker closed all is ok", async () => {
  assert.deepEqual(await reportOf(health(list(createBreaker("a")))), {
    status: "ok",
    open: 0,
    halfOpen: 0,
    breakers: [],
    omitted: 0,
  });
});

Deno.test("health: says which breakers are open, why, and for how long", async () => {
  const clock = new ManualClock();
  const policy = { failureThreshold: 1, openStateTimeout: "30s" };
  const [a, b, c] = [
    createBreaker("a", policy, { clock }),
    createBreaker("b", policy, { clock }),
    createBreaker("c", policy, { clock }),
  ];
  a.tryAcquire()?.failure();
  await clock.tick("30s");
  b.tryAcquire()?.failure();
  c.override("forced-open");
  assert.deepEqual(await reportOf(health(list(a, b, c), { clock })), {
    status: "degraded",
    open: 2,
    halfOpen: 1,
    breakers: [
      { name: "a", state: "half-open", trippedBy: "failureThreshold" },
      { name: "b", state: "open", trippedBy: "failureThreshold", retryAfterMs: 30_000 },
      { name: "c", state: "open" },
    ],
    omitted: 0,
  });
});

Deno.test("health: degraded is 200 unless another status is given", async () => {
  const breaker = createBreaker("a");
  breaker.override("forced-open");
  const request = new Request(`${SHOP}health`);
  const usual = await health(list(breaker))(request, served);
  const strict = await health(list(breaker), { degradedStatus: 503 })(request, served);
  assert.deepEqual([usual.status, strict.status], [200, 503]);
});

Deno.test("health: 10,000 open breakers with long names make a short report", async () => {
  const clock = new ManualClock();
  const breakers = Array.from({ length: 10_000 }, (_, i) => {
    const breaker = createBreaker(`${i}-${"x".repeat(5_000)}`, {}, { clock });
    breaker.override("forced-open");
    return breaker;
  });
  const response = await health(list(...breakers))(new Request(`${SHOP}health`), served);
  const text = await response.text();
  assert.ok(text.length < 30_000, `${text.length} characters`);
  assert.match(text, /"open":10000,.*"omitted":9900\}$/);
});

Deno.test("health: without details no name is told", async () => {
  const breaker = createBreaker("secret.internal");
  breaker.override("forced-open");
  assert.deepEqual(await reportOf(health(list(breaker), { details: false })), {
    status: "degraded",
    open: 1,
    halfOpen: 0,
  });
});

Deno.test("health: however often it is asked, breakers are looked at once a second", async () => {
  const clock = new ManualClock();
  let looks = 0;
  const endpoint = health({
    breakers: () => {
      looks++;
      return [];
    },
  }, { clock });
  for (let i = 0; i < 100; i++) await reportOf(endpoint);
  await clock.tick("1s");
  await reportOf(endpoint);
  assert.equal(looks, 2);
});

for (
  const [what, method, path] of [
    ["another path", "GET", "healthy"],
    ["another method", "POST", "health"],
  ] as const
) {
  Deno.test(`health: ${what} is left to what comes after it`, async () => {
    const response = await health(list())(new Request(SHOP + path, { method }), served);
    assert.equal(await response.text(), "served");
  });
}

Deno.test("health: HEAD gets status and headers without the report", async () => {
  const request = new Request(`${SHOP}health?verbose`, { method: "HEAD" });
  const response = await health(list())(request, served);
  assert.equal(response.body, null);
  assert.equal(response.headers.get("Cache-Control"), "no-store");
});

const WRONG: readonly [string, () => unknown, RegExp][] = [
  ["neither rate nor limiter", () => rateLimit({}), /Cannot limit rate: "rate" must be a number/],
  [
    "both rate and limiter",
    () => rateLimit({ rate: 1, limiter: createKeyedLimiter({ create: { rate: 1 } }) }),
    /"rate" is the limiter's own where one is given/,
  ],
  [
    "a range that is none",
    () => rateLimit({ rate: 1, trustedProxies: ["10.0.0.0/33"] }),
    /received 10\.0\.0\.0\/33/,
  ],
  ["a name with a line break", () => rateLimit({ rate: 1, name: "a\r\nb" }), /printable ASCII/],
  ["a header that is none", () => rateLimit({ rate: 1, userHeader: "a b" }), /header name/i],
  [
    "no slots",
    () => bulkhead({ maxConcurrent: 0 }),
    /"maxConcurrent" must be an integer of at least 1/,
  ],
  [
    "an unknown limit",
    () => Reflect.apply(bulkhead, undefined, [{ maxConcurrent: 1, max: 2 }]),
    /unknown option "max"/,
  ],
  [
    "limits beside a bulkhead",
    () => bulkhead({ bulkhead: createBulkhead({ maxConcurrent: 1 }), maxQueued: 2 }),
    /unknown option "maxQueued"/,
  ],
  [
    "a status that is none",
    () => health(list(), { degradedStatus: 99 }),
    /"degradedStatus" must be an integer from 200 to 599/,
  ],
];

for (const [what, make, message] of WRONG) {
  Deno.test(`http_server: ${what} is refused when it is made`, () => {
    assert.throws(make, message);
  });
}
