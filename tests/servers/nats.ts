import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BinaryRequest, provideBinary } from "./debian_package.ts";
import { freePorts } from "./free_port.ts";
import { type ServerCommand, ServerProcess } from "./server_process.ts";

const HOST = "127.0.0.1";
const START_DEADLINE_MS = 10_000;
const POLL_MS = 10;

/** The program that runs these servers. */
export const NATS: BinaryRequest = { package: "nats-server", binary: "nats-server" };

/** A real NATS with JetStream on loopback; port and streams stay its own from creation to disposal. */
export class NatsServer implements AsyncDisposable {
  readonly host = HOST;
  readonly port: number;
  /** What a client takes as `servers`. */
  readonly address: string;
  readonly #monitorPort: number;
  readonly #command: ServerCommand;
  readonly #folder: string;
  #process: ServerProcess | undefined;

  private constructor(command: Pick<ServerCommand, "path" | "env">, folder: string) {
    const [port = 0, monitorPort = 0] = freePorts(2);
    this.port = port;
    this.address = `${HOST}:${port}`;
    this.#monitorPort = monitorPort;
    this.#folder = folder;
    const ports = ["-a", HOST, "-p", String(port), "-m", String(monitorPort)];
    this.#command = { ...command, args: [...ports, "-js", "-sd", folder] };
  }

  /** @throws {Error} Where there is no NATS here */
  static async start(): Promise<NatsServer> {
    const binary = await provideBinary(NATS);
    if (!binary.available) throw new Error(binary.reason);
    const folder = await mkdtemp(join(tmpdir(), "switchgear-nats-"));
    const server = new NatsServer({ path: binary.path, env: binary.env }, folder);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  /** Starts it on its port and streams, and waits until it serves JetStream. */
  async start(): Promise<void> {
    if (this.running) throw new Error("This NATS is running already");
    const process = new ServerProcess(this.#command);
    this.#process = process;
    const end = performance.now() + START_DEADLINE_MS;
    while (performance.now() < end) {
      if (!process.running) throw new Error(`NATS ended while it started: ${process.log}`);
      if (await this.#ask("/healthz").then(({ ok }) => ok, () => false)) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`NATS was not healthy within ${START_DEADLINE_MS} ms: ${process.log}`);
  }

  /** Connections of clients, as the server counts them. */
  async connections(): Promise<number> {
    const { body } = await this.#ask("/connz");
    const { num_connections }: { num_connections: number } = JSON.parse(body);
    return num_connections;
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** Freezes it: its sockets stay open, and nothing answers. */
  async pause(): Promise<void> {
    await this.#process?.pause();
  }

  resume(): void {
    this.#process?.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #ask(path: string): Promise<{ ok: boolean; body: string }> {
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const response = await fetch(`http://${HOST}:${this.#monitorPort}${path}`, { client });
    return { ok: response.ok, body: await response.text() };
  }
}
