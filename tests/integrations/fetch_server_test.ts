// Real servers on loopback: what they take is real time, little of it.
import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { createHttpClient } from "../../integrations/fetch/http_client.ts";
import { protectFetch } from "../../integrations/fetch/protect_fetch.ts";
import { BreakerOpenError } from "../../src/breaker/rejection.ts";
import { BreakerTimeoutError } from "../../src/errors.ts";
import { createRetry } from "../../src/patterns/retry/retry.ts";
import { denoCommand } from "../programs/deno_command.ts";
import type { StreamReport } from "./fetch_stream_main.ts";
import { until } from "../support/until.ts";
import { Breakers } from "./fetch_support.ts";

const MB = 1024 * 1024;

/** A server that does with its connections what a test says. */
class RawServer implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  accepted = 0;
  closed = 0;

  constructor(onRequest: (socket: Socket, request: string) => void) {
    this.#server = createServer((socket) => {
      this.accepted++;
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.closed++;
        this.#sockets.delete(socket);
      });
      socket.on("data", (data: Uint8Array) => onRequest(socket, new TextDecoder().decode(data)));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    assert.ok(typeof address === "object" && address !== null);
    return `http://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function serve(
  handler: (request: Request) => Response | Promise<Response>,
  use: (origin: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  try {
    await use(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("fetch, real: a server that accepts and never answers is cut off at the time limit, and its breaker opens", async () => {
  await using server = new RawServer(() => {});
  const origin = await server.listen();
  const http = createHttpClient({ policy: { timeout: "50ms", failureThreshold: 2 } });
  await assert.rejects(http(origin), BreakerTimeoutError);
  await assert.rejects(http(origin), BreakerTimeoutError);
  await assert.rejects(http(origin), BreakerOpenError);
  assert.equal(http.getBreaker(origin).counts.timeouts, 2);
  await until(() => server.closed === server.accepted);
});

Deno.test("fetch, real: the caller's abort closes the connection", async () => {
  const requested = Promise.withResolvers<void>();
  await using server = new RawServer(() => requested.resolve());
  const http = createHttpClient();
  const origin = await server.listen();
  const caller = new AbortController();
  const pending = http(origin, { signal: caller.signal });
  await requested.promise;
  caller.abort(new Error("gone"));
  await assert.rejects(pending, /gone/);
  await until(() => server.closed === 1);
  assert.equal(http.getBreaker(origin).counts.lifetime.ignored, 1);
});

for (const [until, failures] of [["headers", 0], ["body", 1]] as const) {
  Deno.test(`fetch, real: a server that resets mid-body counts as ${failures} failures until ${until}`, async () => {
    await using server = new RawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst");
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
    const origin = await server.listen();
    const breakers = new Breakers();
    const response = await protectFetch(breakers, { until })(origin);
    await assert.rejects(response.text(), TypeError);
    assert.equal(breakers.only.counts.failures, failures);
  });
}

Deno.test("fetch, real: where nobody listens each call is a failure, until the breaker refuses", async () => {
  const server = new RawServer(() => {});
  const origin = await server.listen();
  await server[Symbol.asyncDispose]();
  const http = createHttpClient();
  for (let i = 0; i < 5; i++) await assert.rejects(http(`${origin}/?key=secret`), TypeError);
  await assert.rejects(http(`${origin}/?key=secret`), (error) => {
    assert.ok(error instanceof BreakerOpenError);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

Deno.test("fetch, real: a body of 100 MB is streamed through in flat memory and whole", async () => {
  const program = new URL("fetch_stream_main.ts", import.meta.url).href;
  const { stdout, stderr } = await denoCommand({ args: ["run", "-A", program] }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  const { bytes, mostBytes, successes }: StreamReport = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  assert.equal(bytes, 100 * MB);
  assert.ok(mostBytes < 60 * MB, `grew by ${mostBytes} bytes`);
  assert.equal(successes, 1);
});

Deno.test("fetch, real: a slow reader holds the server back, nothing piles up on the way", async () => {
  const chunk = new Uint8Array(64 * 1024);
  let sent = 0;
  const handler = (): Response =>
    new Response(
      new ReadableStream({
        pull: (controller) => {
          sent += chunk.length;
          controller.enqueue(chunk);
        },
      }),
    );
  await serve(handler, async (origin) => {
    const response = await createHttpClient({ until: "body" })(origin);
    const reader = response.body?.getReader();
    await reader?.read();
    // Socket buffers fill up and then nothing moves: two looks in a row that are the same.
    let before = -1;
    await until(() => {
      const isSettled = sent === before;
      before = sent;
      return isSettled;
    });
    assert.ok(sent < 32 * MB, `${sent} bytes sent for 64 kB read`);
    await reader?.cancel();
  });
});

Deno.test("fetch, real: request bodies of every kind arrive once, under a time limit, too", async () => {
  const stream = (): ReadableStream<Uint8Array<ArrayBuffer>> => new Blob(["streamed"]).stream();
  await serve(async (request) => new Response(await request.text()), async (origin) => {
    const http = createHttpClient();
    const requests: [string | Request, RequestInit?][] = [
      [origin, { method: "POST", body: "text" }],
      [origin, { method: "POST", body: stream() }],
      [new Request(origin, { method: "POST", body: "request" })],
      [new Request(origin, { method: "POST", body: stream() })],
      [origin, new Request("http://elsewhere.example/", { method: "POST", body: "as init" })],
    ];
    const texts: string[] = [];
    for (const [input, init] of requests) texts.push(await (await http(input, init)).text());
    assert.deepEqual(texts, ["text", "streamed", "request", "streamed", "as init"]);
  });
});

Deno.test("fetch, real: redirects are followed within one call, and the response says where it came from", async () => {
  const handler = (request: Request): Response =>
    new URL(request.url).pathname === "/from"
      ? Response.redirect(new URL("/to", request.url))
      : new Response("arrived");
  await serve(handler, async (origin) => {
    const breakers = new Breakers();
    const response = await protectFetch(breakers, { until: "body" })(`${origin}/from`);
    assert.deepEqual([response.url, response.redirected, await response.text()], [
      `${origin}/to`,
      true,
      "arrived",
    ]);
    assert.equal(breakers.only.counts.calls, 1);
  });
});

Deno.test("fetch, real: a retry of 503s leaves no connection with an unread body", async () => {
  let requests = 0;
  const handler = (): Response => {
    const isLast = ++requests === 3;
    return new Response("x".repeat(100_000), { status: isLast ? 200 : 503 });
  };
  await serve(handler, async (origin) => {
    const http = createHttpClient({ retry: createRetry({ maxRetries: 2, backoff: "1ms" }) });
    assert.equal((await (await http(origin)).text()).length, 100_000);
    assert.deepEqual([requests, http.getBreaker(origin).counts.calls], [3, 1]);
  });
});

Deno.test("fetch, real: it stands in for fetch wherever one is taken", async () => {
  const asFetch: typeof fetch = createHttpClient();
  await serve(() => new Response("served"), async (origin) => {
    assert.equal(await (await asFetch(origin)).text(), "served");
  });
});

Deno.test("fetch, real: ten thousand calls under one signal leave nothing on it", async () => {
  const signal = new AbortController().signal;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.defineProperties(signal, {
    addEventListener: {
      value: (...given: Parameters<typeof add>) => (listeners++, add(...given)),
    },
    removeEventListener: {
      value: (...given: Parameters<typeof remove>) => (listeners--, remove(...given)),
    },
  });
  const http = createHttpClient({ until: "body", fetch: () => Promise.resolve(new Response("x")) });
  for (let i = 0; i < 10_000; i++) await (await http("http://shop.example", { signal })).text();
  assert.equal(listeners, 0);
});
