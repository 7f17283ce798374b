// Real servers: what they take is real time, little of it.
import assert from "node:assert/strict";
import { Hono } from "npm:hono@4.13.19";
import { bulkhead } from "../../integrations/http_server/bulkhead.ts";
import { health } from "../../integrations/http_server/health.ts";
import { forHono } from "../../integrations/http_server/hono.ts";
import { compose, type ConnectionInfo } from "../../integrations/http_server/middleware.ts";
import { rateLimit } from "../../integrations/http_server/rate_limit.ts";
import { createBreaker } from "../../src/breaker/create_breaker.ts";
import { createBulkhead } from "../../src/patterns/bulkhead/bulkhead.ts";
import { until } from "../support/until.ts";

type Handler = (request: Request, info: ConnectionInfo) => Response | Promise<Response>;

async function serve(handler: Handler, use: (url: string) => Promise<void>): Promise<void> {
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const server = Deno.serve(
    options,
    (request, info) => handler(request, { remoteAddr: info.remoteAddr }),
  );
  try {
    await use(`http://127.0.0.1:${server.addr.port}/`);
  } finally {
    await server.shutdown();
  }
}

interface Seen {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
  readonly limit: string | null;
}

async function get(url: string, init?: RequestInit): Promise<Seen> {
  const response = await fetch(url, init);
  const { status, headers } = response;
  const text = await response.text();
  return { status, text, retryAfter: headers.get("Retry-After"), limit: headers.get("RateLimit") };
}

const breaker = createBreaker("payments");
breaker.override("forced-open");
const LIMITED = {
  status: 429,
  text: "Too Many Requests\n",
  retryAfter: "10",
  limit: '"default";r=0;t=10',
};

function guards(): ReturnType<typeof compose> {
  return compose(
    health({ breakers: () => [breaker] }, { degradedStatus: 503 }),
    rateLimit({ rate: 0.1, burst: 1 }),
    bulkhead({ maxConcurrent: 1 }),
  );
}

const SERVERS: readonly [string, () => Handler][] = [
  ["Deno.serve", () => {
    const guard = guards();
    return (request, info) => guard(request, () => new Response("served"), info);
  }],
  ["Hono", () => {
    const app = new Hono();
    app.use(forHono(guards()));
    app.get("/", (context) => context.text("served"));
    return (request, info) => app.fetch(request, info);
  }],
];

for (const [name, handler] of SERVERS) {
  Deno.test(`http_server under ${name}: what is within the limit is served, with what is left of it`, async () => {
    await serve(handler(), async (url) => {
      assert.deepEqual(await get(url), {
        status: 200,
        text: "served",
        retryAfter: null,
        limit: '"default";r=0;t=10',
      });
    });
  });

  Deno.test(`http_server under ${name}: what is beyond the limit is refused, whatever user it claims to be`, async () => {
    await serve(handler(), async (url) => {
      await get(url, { headers: { "X-User-ID": "ann" } });
      assert.deepEqual(await get(url, { headers: { "X-User-ID": "bob" } }), LIMITED);
    });
  });

  Deno.test(`http_server under ${name}: the health endpoint reports the open breaker, unlimited`, async () => {
    await serve(handler(), async (url) => {
      await get(url);
      await get(url);
      const { status, text } = await get(`${url}health`);
      assert.equal(status, 503);
      assert.deepEqual(JSON.parse(text).breakers, [{ name: "payments", state: "open" }]);
    });
  });
}

Deno.test("http_server under Hono: headers that a handler set stay, and a response is replaced as a whole", async () => {
  const app = new Hono();
  app.use(forHono(rateLimit({ rate: 1 })));
  app.get("/", (context) => {
    context.header("x-own", "1");
    return context.redirect("/elsewhere");
  });
  const response = await app.request("/");
  assert.deepEqual([
    response.status,
    response.headers.get("x-own"),
    response.headers.get("Location"),
  ], [302, "1", "/elsewhere"]);
  assert.equal(response.headers.get("RateLimit"), '"default";r=0;t=1');
});

Deno.test("http_server under Hono: an error of a handler is Hono's to answer", async () => {
  const app = new Hono();
  app.use(forHono(compose(rateLimit({ rate: 1 }), bulkhead({ maxConcurrent: 1 }))));
  app.get("/", () => {
    throw new Error("broken");
  });
  app.onError((error, context) => context.text(error.message, 500));
  const response = await app.request("/");
  assert.deepEqual([response.status, await response.text()], [500, "broken"]);
});

Deno.test("http_server: a client that disconnects while it waits in the bulkhead leaves its place", async () => {
  const slots = createBulkhead({ maxConcurrent: 1, maxQueued: 1 });
  const limit = bulkhead({ bulkhead: slots });
  const held = Promise.withResolvers<void>();
  const answer = async (): Promise<Response> => {
    await held.promise;
    return new Response("served");
  };
  await serve((request) => limit(request, answer), async (url) => {
    const first = get(url);
    const client = new AbortController();
    const waiting = get(url, { signal: client.signal });
    await until(() => slots.queued === 1);
    client.abort();
    await assert.rejects(waiting, { name: "AbortError" });
    await until(() => slots.queued === 0);
    held.resolve();
    assert.equal((await first).status, 200);
  });
  assert.equal(slots.active, 0);
});
