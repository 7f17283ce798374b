import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BinaryRequest, provideBinary } from "./debian_package.ts";
import { type ServerCommand, ServerProcess } from "./server_process.ts";

/** Where these servers listen. */
export const LOOPBACK = "127.0.0.1";

const POLL_MS = 10;

/** A server's program, and a new temporary folder for all that it writes. */
export interface ServerFiles extends Pick<ServerCommand, "path"> {
  /** What its environment must hold. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** What a server is called, and what it is given. */
export interface LocalServerOptions {
  /** Stands in errors: `Redis`. */
  readonly title: string;
  /** Removed with the server. */
  readonly folder: string;
  /** How long it may take until it is ready, in milliseconds. @default 10000 */
  readonly startDeadlineMs?: number;
}

/**
 * A real server on loopback. Its ports and its folder stay its own from creation to disposal,
 * however often it ends and is started again.
 */
export abstract class LocalServer implements AsyncDisposable {
  readonly host = LOOPBACK;
  readonly #options: LocalServerOptions;
  #process: ServerProcess | undefined;

  /** Makes one that does not run yet. */
  constructor(options: LocalServerOptions) {
    this.#options = options;
  }

  /** What to run; asked for at each start. */
  protected abstract command(): ServerCommand;

  /** Whether it serves clients yet; asked again and again from its start on. Never rejects. */
  protected abstract isReady(): Promise<boolean>;

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  /** The process as which it was last started. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** The end of what it wrote since it was last started. */
  get log(): string {
    return this.#process?.log ?? "";
  }

  /**
   * Starts it on its ports and its folder, and waits until it is ready.
   *
   * @throws {Error} Where it runs already, ends instead, or is not ready in time
   */
  async start(): Promise<void> {
    const { title, startDeadlineMs = 10_000 } = this.#options;
    if (this.running) throw new Error(`This ${title} is running already`);
    this.#process = new ServerProcess(this.command());
    const end = performance.now() + startDeadlineMs;
    while (performance.now() < end) {
      if (!this.running) throw new Error(`${title} ended while it started: ${this.log}`);
      if (await this.isReady()) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`${title} was not ready within ${startDeadlineMs} ms: ${this.log}`);
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** Ends it as an operator would, by SIGTERM. */
  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  /** Freezes it: its sockets stay open, and nothing answers. */
  async pause(): Promise<void> {
    await this.#mustRun("pause").pause();
  }

  resume(): void {
    this.#mustRun("resume").resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    // Its helpers may be writing for a moment yet.
    await rm(this.#options.folder, {
      recursive: true,
      force: true,
      maxRetries: 20,
      retryDelay: 50,
    });
  }

  #mustRun(action: string): ServerProcess {
    if (this.#process !== undefined) return this.#process;
    throw new Error(`Cannot ${action} this ${this.#options.title}: it was never started`);
  }
}

/**
 * Provides a server's program, and makes its folder.
 *
 * @throws {Error} Where there is no such program here
 */
export async function provideServer(request: BinaryRequest): Promise<ServerFiles> {
  const binary = await provideBinary(request);
  if (!binary.available) throw new Error(binary.reason);
  const folder = await mkdtemp(join(tmpdir(), `switchgear-${request.package}-`));
  return { path: binary.path, env: binary.env, folder };
}

/** Starts a new server; where that fails, nothing of it is left. */
export async function startNew<S extends LocalServer>(server: S): Promise<S> {
  try {
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
