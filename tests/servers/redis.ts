import type { BinaryRequest } from "./debian_package.ts";
import { firstReply } from "./first_reply.ts";
import { freePort } from "./free_port.ts";
import {
  LocalServer,
  LOOPBACK,
  provideServer,
  type ServerFiles,
  startNew,
} from "./local_server.ts";
import type { ServerCommand } from "./server_process.ts";

/** The program that runs these servers. */
export const REDIS: BinaryRequest = { package: "redis-server", binary: "redis-server" };

/** How a server is set up. */
export interface RedisOptions {
  /** What every client must give. @default none */
  readonly password?: string;
}

/** A real Redis, in memory only: each start begins with an empty one. */
export class RedisServer extends LocalServer {
  readonly port = freePort();
  /** The connection string, password included. */
  readonly url: string;
  readonly #password: string | undefined;
  readonly #files: ServerFiles;

  private constructor({ password }: RedisOptions, files: ServerFiles) {
    super({ title: "Redis", folder: files.folder });
    this.#password = password;
    this.#files = files;
    const user = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
    this.url = `redis://${user}${LOOPBACK}:${this.port}`;
  }

  /** @throws {Error} Where there is no Redis here */
  static async start(options: RedisOptions = {}): Promise<RedisServer> {
    return await startNew(new RedisServer(options, await provideServer(REDIS)));
  }

  protected override command(): ServerCommand {
    const { path, env, folder } = this.#files;
    const args = ["--bind", LOOPBACK, "--port", String(this.port), "--dir", folder];
    args.push("--save", "", "--appendonly", "no");
    if (this.#password !== undefined) args.push("--requirepass", this.#password);
    return { path, env, args };
  }

  /** It answers PING, be it with a demand for the password. */
  protected override async isReady(): Promise<boolean> {
    const reply = await firstReply(this.port, new TextEncoder().encode("PING\r\n"));
    return /^(\+PONG|-NOAUTH)/.test(reply);
  }
}
