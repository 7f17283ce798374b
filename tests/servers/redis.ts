import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BinaryRequest, provideBinary } from "./debian_package.ts";
import { freePort } from "./free_port.ts";
import { type ServerCommand, ServerProcess } from "./server_process.ts";

const HOST = "127.0.0.1";
const START_DEADLINE_MS = 10_000;
const POLL_MS = 10;

/** The program that runs these servers. */
export const REDIS: BinaryRequest = { package: "redis-server", binary: "redis-server" };

/** How a server is set up. */
export interface RedisOptions {
  /** What every client must give. @default none */
  readonly password?: string;
}

/** A real Redis on loopback, in memory only; its port stays its own from creation to disposal. */
export class RedisServer implements AsyncDisposable {
  readonly host = HOST;
  readonly port = freePort();
  /** The connection string, password included. */
  readonly url: string;
  readonly #options: RedisOptions;
  readonly #binary: Pick<ServerCommand, "path" | "env">;
  readonly #folder: string;
  #process: ServerProcess | undefined;

  private constructor(
    options: RedisOptions,
    binary: Pick<ServerCommand, "path" | "env">,
    folder: string,
  ) {
    this.#options = options;
    this.#binary = binary;
    this.#folder = folder;
    const { password } = options;
    const user = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
    this.url = `redis://${user}${HOST}:${this.port}`;
  }

  /** @throws {Error} Where there is no Redis here */
  static async start(options: RedisOptions = {}): Promise<RedisServer> {
    const binary = await provideBinary(REDIS);
    if (!binary.available) throw new Error(binary.reason);
    const folder = await mkdtemp(join(tmpdir(), "switchgear-redis-"));
    const server = new RedisServer(options, binary, folder);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The process that runs now. */
  get pid(): number | undefined {
    return this.#process?.running ? this.#process.pid : undefined;
  }

  /** Starts it, empty, on its port, and waits until it answers. */
  async start(): Promise<void> {
    if (this.pid !== undefined) throw new Error("This Redis is running already");
    const { password } = this.#options;
    const args = ["--bind", HOST, "--port", String(this.port), "--dir", this.#folder];
    args.push("--save", "", "--appendonly", "no");
    if (password !== undefined) args.push("--requirepass", password);
    this.#process = new ServerProcess({ ...this.#binary, args });
    await this.#untilItAnswers(this.#process);
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

  async #untilItAnswers(process: ServerProcess): Promise<void> {
    const end = performance.now() + START_DEADLINE_MS;
    while (performance.now() < end) {
      if (!process.running) throw new Error(`Redis ended while it started: ${process.log}`);
      if (await answers(this.port)) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`Redis did not answer within ${START_DEADLINE_MS} ms: ${process.log}`);
  }
}

/** Whether something on the port answers PING, be it with a demand for the password. */
async function answers(port: number): Promise<boolean> {
  try {
    using connection = await Deno.connect({ hostname: HOST, port });
    await connection.write(new TextEncoder().encode("PING\r\n"));
    const reply = new Uint8Array(64);
    const length = await connection.read(reply) ?? 0;
    return /^(\+PONG|-NOAUTH)/.test(new TextDecoder().decode(reply.subarray(0, length)));
  } catch {
    return false;
  }
}
