import { chown, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type BinaryRequest, provideBinary } from "./debian_package.ts";
import { freePort } from "./free_port.ts";
import { type ServerCommand, ServerProcess } from "./server_process.ts";

const HOST = "127.0.0.1";
const USER = "tester";
const START_DEADLINE_MS = 20_000;
const POLL_MS = 20;
/** PostgreSQL refuses to run as root; this is nobody, who is everywhere. */
const NOBODY = { uid: 65_534, gid: 65_534 };
/** The oldest of all requests, answered with one letter before anybody is asked for a password. */
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]);

/** The program that makes these servers' data; the server lies beside it. */
export const POSTGRES: BinaryRequest = {
  package: "postgresql",
  binary: "initdb",
  folders: ["/usr/lib/postgresql/*/bin"],
};

/** A real PostgreSQL on loopback; port and data stay its own from creation to disposal. */
export class PostgresServer implements AsyncDisposable {
  readonly host = HOST;
  readonly port = freePort();
  /** The connection string. */
  readonly url = `postgres://${USER}@${HOST}:${this.port}/postgres`;
  readonly #command: ServerCommand;
  readonly #folder: string;
  #process: ServerProcess | undefined;

  private constructor(command: ServerCommand, folder: string) {
    const settings = ["fsync=off", `unix_socket_directories=`, "shared_buffers=16MB"];
    const args = ["-D", join(folder, "data"), "-h", HOST, "-p", String(this.port)];
    this.#command = { ...command, args: [...args, ...settings.flatMap((set) => ["-c", set])] };
    this.#folder = folder;
  }

  /** @throws {Error} Where there is no PostgreSQL here */
  static async start(): Promise<PostgresServer> {
    const binary = await provideBinary(POSTGRES);
    if (!binary.available) throw new Error(binary.reason);
    const folder = await mkdtemp(join(tmpdir(), "switchgear-postgres-"));
    const user = Deno.uid() === 0 ? NOBODY : undefined;
    if (user !== undefined) await chown(folder, user.uid, user.gid);
    const initdb: ServerCommand = {
      path: binary.path,
      env: { ...binary.env, LC_ALL: "C" },
      args: ["-D", join(folder, "data"), "-U", USER, "-A", "trust", "-N", "-E", "UTF8"],
      ...(user && { user }),
    };
    const path = join(dirname(await realpath(binary.path)), "postgres");
    const server = new PostgresServer({ ...initdb, path }, folder);
    try {
      await initialise(initdb);
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

  /** Starts it on its port and data, and waits until it takes connections. */
  async start(): Promise<void> {
    if (this.running) throw new Error("This PostgreSQL is running already");
    const process = new ServerProcess(this.#command);
    this.#process = process;
    const end = performance.now() + START_DEADLINE_MS;
    while (performance.now() < end) {
      if (!process.running) throw new Error(`PostgreSQL ended while it started: ${process.log}`);
      const isUp = process.log.includes("ready to accept connections");
      if (isUp && await answers(this.port)) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`PostgreSQL took longer than ${START_DEADLINE_MS} ms: ${process.log}`);
  }

  /** Ends it, its sessions included, as the loss of the machine would. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** Freezes it, its sessions included: their sockets stay open, and nothing answers. */
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
}

async function initialise(command: ServerCommand): Promise<void> {
  await using process = new ServerProcess(command);
  const { success } = await process.ended;
  if (!success) throw new Error(`initdb failed: ${process.log}`);
}

async function answers(port: number): Promise<boolean> {
  try {
    using connection = await Deno.connect({ hostname: HOST, port });
    await connection.write(SSL_REQUEST);
    return await connection.read(new Uint8Array(1)) === 1;
  } catch {
    return false;
  }
}
