// Real servers on loopback; the breakers' time is the test's own.
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { BreakerTimeoutError, type StreamOptions } from "../../mod.ts";
import { type Bench, bench, outcomes } from "../support/breaker_bench.ts";
import { until } from "../support/until.ts";

/** A server that sends two chunks of each response, and then does with the connection what a test says. */
async function serve(
  then: (socket: Socket) => void,
  use: (url: string, sockets: ReadonlySet<Socket>) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      socket.write("3\r\none\r\n", () => socket.write("3\r\ntwo\r\n", () => then(socket)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert(typeof address === "object" && address !== null);
  try {
    await use(`http://127.0.0.1:${address.port}`, sockets);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A stream of what a server sends, by pieces of three bytes, so that it does not matter how they come together. */
function words({ breaker }: Bench, url: string, options: StreamOptions = {}) {
  const stream = breaker.stream(async (signal) => {
    const { body } = await fetch(url, { signal });
    return (body ?? ReadableStream.from([])).pipeThrough(
      new TransformStream<Uint8Array, string>({
        transform: (chunk, controller) => {
          const all = new TextDecoder().decode(chunk);
          for (let i = 0; i < all.length; i += 3) controller.enqueue(all.slice(i, i + 3));
        },
      }),
    );
  }, options);
  return stream[Symbol.asyncIterator]();
}

Deno.test("R27, real: a server that stalls in mid-stream is cut off once it is waited for too long", async () => {
  await serve(() => {}, async (url, sockets) => {
    const subject = bench({ failureThreshold: 1 });
    const items = words(subject, url, { firstWithin: "10s", idleWithin: "5s" });
    assert.deepEqual(await items.next(), { done: false, value: "one" });
    assert.deepEqual(await items.next(), { done: false, value: "two" });
    await subject.clock.tick("1h"); // the consumer thinks
    assert.equal(subject.breaker.state, "closed");
    const rejected = assert.rejects(items.next(), BreakerTimeoutError);
    await subject.clock.tick("5s");
    await rejected;
    assert.equal(subject.breaker.state, "open");
    await until(() => sockets.size === 0, "the connection is closed");
    assert.equal(subject.clock.pendingTimers, 0);
  });
});

Deno.test("R27, real: a server whose connection breaks in mid-stream fails the stream", async () => {
  await serve((socket) => socket.destroy(), async (url) => {
    const subject = bench({ failureThreshold: 1 });
    const items = words(subject, url);
    await assert.rejects(async () => {
      while (!(await items.next()).done);
    });
    assert.deepEqual(outcomes(subject.breaker), { failures: 1 });
  });
});

Deno.test("R27, real: a server that ends its stream has succeeded, however long its consumer took", async () => {
  const last = (socket: Socket) => void socket.end("0\r\n\r\n");
  await serve(last, async (url) => {
    const subject = bench({ slowCallThreshold: "1s", timeout: "1s" });
    const seen: string[] = [];
    for await (const word of words(subject, url)) {
      seen.push(word);
      await subject.clock.tick("1m");
    }
    assert.deepEqual(seen, ["one", "two"]);
    assert.deepEqual(outcomes(subject.breaker), { successes: 1 });
  });
});

Deno.test("R27, real: a consumer that leaves closes the connection, which counts for nothing", async () => {
  await serve(() => {}, async (url, sockets) => {
    const subject = bench({ failureThreshold: 1 });
    for await (const _ of words(subject, url)) break;
    await until(() => sockets.size === 0, "the connection is closed");
    assert.deepEqual(outcomes(subject.breaker), { ignored: 1 });
  });
});
