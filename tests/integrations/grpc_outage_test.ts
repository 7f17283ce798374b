// A real server in a process of its own, killed and started again: this takes real time.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Interceptor, status } from "npm:@grpc/grpc-js@1.14.7";
import { memoryBackend } from "../../backends/memory.ts";
import { breakerInterceptor } from "../../integrations/grpc/mod.ts";
import { createBreaker } from "../../src/breaker/create_breaker.ts";
import { getDefaultConfig } from "../../src/provider/config.ts";
import { createProvider } from "../../src/provider/create_provider.ts";
import { denoCommand } from "../programs/deno_command.ts";
import { freePort } from "../servers/free_port.ts";
import { TcpProxy } from "../servers/tcp_proxy.ts";
import { until } from "../support/until.ts";
import { CHAT, GET, hang, LIST, PUT, UsersClient, UsersServer } from "./grpc_users.ts";

const MAIN = fileURLToPath(new URL("./grpc_users_main.ts", import.meta.url));
const KINDS = [GET, LIST, PUT, CHAT];

/** The server as a process; resolves when it listens. */
class UsersProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;

  private constructor(port: number) {
    const args = ["run", "-A", MAIN, String(port)];
    const options = { args, stdin: "null", stdout: "piped", stderr: "inherit" } as const;
    this.#child = denoCommand(options).spawn();
    this.#output = this.#child.stdout.getReader();
  }

  static async start(port: number): Promise<UsersProcess> {
    const server = new UsersProcess(port);
    const { value } = await server.#output.read();
    assert.equal(new TextDecoder().decode(value), `${port}\n`);
    return server;
  }

  /** Kills it as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#output.cancel();
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill().catch(() => {}); // gone already
  }
}

Deno.test("gRPC: a server killed under calls of every kind fails them, calls then fail fast, and the breaker closes once it is back", async () => {
  const breaker = createBreaker("users", { failureThreshold: 4, openStateTimeout: 300 });
  const port = freePort();
  await using server = await UsersProcess.start(port);
  const guard: Interceptor = breakerInterceptor({ getBreaker: () => breaker });
  using client = new UsersClient(port, guard);
  await client.connect();
  const calls = KINDS.map((kind) => hang(client, kind));
  assert.equal((await client.get({})).error, undefined); // all five are with the server
  await server.kill();
  const endings = await Promise.all(calls.map(({ ended }) => ended));
  assert.deepEqual(endings.map(({ error }) => error?.code), KINDS.map(() => status.UNAVAILABLE));
  assert.equal(breaker.counts.lifetime.failures, 4);
  assert.equal(breaker.state, "open");

  const { error } = await client.get({});
  assert.equal(error?.code, status.UNAVAILABLE);
  assert.equal(breaker.counts.rejected, 1);

  await using _again = await UsersProcess.start(port);
  const giveUpMs = performance.now() + 10_000;
  const isClosed = (): boolean => breaker.state === "closed";
  while (!isClosed()) {
    assert(performance.now() < giveUpMs, "the breaker stays open");
    await client.get({});
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

Deno.test("gRPC: while the breaker is open no connection is made", async () => {
  const breaker = createBreaker("users", { mode: "forced-open" });
  await using server = await UsersServer.start();
  await using proxy = await TcpProxy.start(server.port);
  using client = new UsersClient(
    proxy.port,
    breakerInterceptor({ getBreaker: () => breaker }),
  );
  for (const kind of KINDS) {
    assert.equal((await client.call(kind, {})).error?.code, status.UNAVAILABLE);
  }
  assert.equal(proxy.accepted, 0);
});

Deno.test("gRPC: a policy that changes in the backend steers the next call", async () => {
  const backend = memoryBackend();
  const config = getDefaultConfig("im-gateway", "development");
  await using provider = await createProvider(config, { backend });
  await using server = await UsersServer.start();
  using client = new UsersClient(server.port, breakerInterceptor(provider));
  assert.equal((await client.get({})).error, undefined);

  backend.set(config.policiesPath, GET, { mode: "forced-open" });
  await until(() => provider.getBreaker(GET).mode === "forced-open");
  assert.equal((await client.get({})).error?.code, status.UNAVAILABLE);
  assert.equal((await client.call(LIST, {})).error, undefined);

  backend.set(config.policiesPath, GET, { timeout: "100ms" });
  await until(() => provider.getBreaker(GET).policy.timeout === 100);
  assert.equal((await client.get({ hang: true })).error?.code, status.DEADLINE_EXCEEDED);

  backend.unset(config.policiesPath, GET);
  await until(() => provider.getBreaker(GET).policy.timeout === undefined);
  assert.equal((await client.get({})).error, undefined);
});
