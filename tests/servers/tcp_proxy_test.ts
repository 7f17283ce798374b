// Real sockets on loopback, and some waits of milliseconds for what must not come.
import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import { until } from "../support/until.ts";
import { TcpProxy } from "./tcp_proxy.ts";

/** A server that sends back what it is sent. */
class Echo implements AsyncDisposable {
  readonly port: number;
  readonly #close: () => Promise<void>;

  private constructor(port: number, close: () => Promise<void>) {
    this.port = port;
    this.#close = close;
  }

  static async start(): Promise<Echo> {
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket)).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert(address !== null && typeof address === "object");
    return new Echo(address.port, async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

/** A client that remembers what it received and how its connection ended. */
class Client implements AsyncDisposable {
  received = "";
  error: string | undefined;
  readonly closed: Promise<void>;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => this.received += new TextDecoder().decode(chunk));
    socket.on("error", (error: Error & { code?: string }) => this.error = error.code);
    socket.on("end", () => socket.end());
    this.closed = new Promise((resolve) => socket.on("close", () => resolve()));
  }

  static async connect(port: number): Promise<Client> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const client = new Client(socket);
    await Promise.race([new Promise((resolve) => socket.on("connect", resolve)), client.closed]);
    return client;
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  finish(): void {
    this.#socket.end();
  }

  async until(text: string): Promise<void> {
    const end = performance.now() + 5_000;
    while (this.received !== text) {
      assert(performance.now() < end, `not within 5 s: "${text}", but "${this.received}"`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }
}

function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 40));
}

Deno.test("proxy: it forwards both ways, and one half of a connection can finish first", async () => {
  await using echo = await Echo.start();
  await using proxy = await TcpProxy.start(echo.port);
  await using client = await Client.connect(proxy.port);
  client.send("hello");
  await client.until("hello");
  assert.deepEqual([proxy.connections, proxy.accepted], [1, 1]);
  const long = "x".repeat(3_000_000);
  client.send(long);
  client.finish();
  await client.closed;
  assert.equal(client.received.length, 5 + long.length);
  assert.equal(client.error, undefined);
});

Deno.test("proxy: a cut resets what is open, and serves what comes next", async () => {
  await using echo = await Echo.start();
  await using proxy = await TcpProxy.start(echo.port);
  await using cut = await Client.connect(proxy.port);
  cut.send("a");
  await cut.until("a");
  proxy.cut();
  await cut.closed;
  assert.equal(cut.error, "ECONNRESET");
  assert.equal(proxy.connections, 0);
  await using next = await Client.connect(proxy.port);
  next.send("b");
  await next.until("b");
});

for (const how of ["reset", "end"] as const) {
  Deno.test(`proxy: a cut (${how}) after some bytes lets these through and no more`, async () => {
    await using echo = await Echo.start();
    await using proxy = await TcpProxy.start(echo.port);
    await using client = await Client.connect(proxy.port);
    const cut = proxy.cutAfter(5, how);
    client.send("abc");
    await client.until("abc");
    client.send("defghi");
    assert.equal(await cut, true);
    await client.closed;
    assert.equal(client.received, "abcde");
    assert.equal(client.error, how === "reset" ? "ECONNRESET" : undefined);
    await using next = await Client.connect(proxy.port);
    next.send("longer than five");
    await next.until("longer than five");
  });
}

Deno.test("proxy: a cut that did not happen is disarmed by restore", async () => {
  await using echo = await Echo.start();
  await using proxy = await TcpProxy.start(echo.port);
  const cut = proxy.cutAfter(5);
  await proxy.restore();
  assert.equal(await cut, false);
  await using client = await Client.connect(proxy.port);
  client.send("longer than five");
  await client.until("longer than five");
});

Deno.test("proxy: a black hole accepts and is silent; restored, it delivers what it held", async () => {
  await using echo = await Echo.start();
  await using proxy = await TcpProxy.start(echo.port);
  await using old = await Client.connect(proxy.port);
  old.send("a");
  await old.until("a");
  proxy.blackhole();
  await using young = await Client.connect(proxy.port);
  old.send("b");
  young.send("c");
  await moment();
  assert.deepEqual([old.received, young.received], ["a", ""]);
  assert.deepEqual([old.error, young.error, proxy.connections], [undefined, undefined, 2]);
  await proxy.restore();
  await old.until("ab");
  await young.until("c");
});

Deno.test("proxy: refusing, nothing listens; restored, it is back on its port", async () => {
  await using echo = await Echo.start();
  await using proxy = await TcpProxy.start(echo.port);
  await using old = await Client.connect(proxy.port);
  old.send("a");
  await old.until("a");
  await proxy.refuse();
  await old.closed;
  await using refused = await Client.connect(proxy.port);
  assert.equal(refused.error, "ECONNREFUSED");
  await proxy.restore();
  await using next = await Client.connect(proxy.port);
  next.send("b");
  await next.until("b");
});

Deno.test("proxy: in front of a server that is gone it ends the connection", async () => {
  const echo = await Echo.start();
  await using proxy = await TcpProxy.start(echo.port);
  await echo[Symbol.asyncDispose]();
  await using client = await Client.connect(proxy.port);
  await client.closed;
  assert.equal(proxy.connections, 0);
});

for (const mode of ["forward", "blackhole", "refuse"] as const) {
  Deno.test(`proxy: disposed in mode ${mode}, it leaves no connection behind`, async () => {
    await using echo = await Echo.start();
    const proxy = await TcpProxy.start(echo.port);
    await using client = await Client.connect(proxy.port);
    if (mode === "blackhole") proxy.blackhole();
    if (mode === "refuse") await proxy.refuse();
    await proxy[Symbol.asyncDispose]();
    await client.closed;
    assert.equal(proxy.connections, 0);
  });
}

Deno.test("a proxy is restored although its port is let go of a moment later", async () => {
  await using proxy = await TcpProxy.start(1);
  await proxy.refuse();
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(proxy.port, proxy.host, resolve));
  const released = new Promise((resolve) => setTimeout(() => holder.close(resolve), 20));
  await proxy.restore();
  await released;
  const client = connect(proxy.port, proxy.host).on("error", () => {});
  await until(() => proxy.accepted === 1);
  client.destroy();
  await proxy.refuse();
});
