import { chown, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BinaryRequest } from "./debian_package.ts";
import { firstReply } from "./first_reply.ts";
import { freePort } from "./free_port.ts";
import { LocalServer, LOOPBACK, provideServer, startNew } from "./local_server.ts";
import { type ServerCommand, ServerProcess } from "./server_process.ts";

const USER = "tester";
/** PostgreSQL refuses to run as root; this is nobody, who is everywhere. */
const NOBODY = { uid: 65_534, gid: 65_534 };
/** The oldest of all requests, answered with one letter before anybody is asked for a password. */
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]);
const SETTINGS = ["fsync=off", "unix_socket_directories=", "shared_buffers=16MB"];

/** The program that makes these servers' data; the server lies beside it. */
export const POSTGRES: BinaryRequest = {
  package: "postgresql",
  binary: "initdb",
  folders: ["/usr/lib/postgresql/*/bin"],
};

interface Setup {
  readonly folder: string;
  /** Makes its data. */
  readonly initdb: ServerCommand;
  /** Path of the server itself. */
  readonly path: string;
}

/** A real PostgreSQL. What ends, freezes and thaws it does so to its sessions too. */
export class PostgresServer extends LocalServer {
  readonly port = freePort();
  /** The connection string. */
  readonly url = `postgres://${USER}@${LOOPBACK}:${this.port}/postgres`;
  readonly #setup: Setup;
  #initialised = false;

  private constructor(setup: Setup) {
    super({ title: "PostgreSQL", folder: setup.folder, startDeadlineMs: 20_000 });
    this.#setup = setup;
  }

  /** @throws {Error} Where there is no PostgreSQL here */
  static async start(): Promise<PostgresServer> {
    const { path, env, folder } = await provideServer(POSTGRES);
    const user = Deno.uid() === 0 ? NOBODY : undefined;
    if (user !== undefined) await chown(folder, user.uid, user.gid);
    const initdb: ServerCommand = {
      path,
      env: { ...env, LC_ALL: "C" },
      args: ["-D", join(folder, "data"), "-U", USER, "-A", "trust", "-N", "-E", "UTF8"],
      ...(user && { user }),
    };
    const postgres = join(dirname(await realpath(path)), "postgres");
    return await startNew(new PostgresServer({ folder, initdb, path: postgres }));
  }

  override async start(): Promise<void> {
    if (!this.#initialised) await initialise(this.#setup.initdb);
    this.#initialised = true;
    await super.start();
  }

  protected override command(): ServerCommand {
    const { folder, initdb, path } = this.#setup;
    const settings = SETTINGS.flatMap((setting) => ["-c", setting]);
    const args = ["-D", join(folder, "data"), "-h", LOOPBACK, "-p", String(this.port), ...settings];
    return { ...initdb, path, args };
  }

  protected override async isReady(): Promise<boolean> {
    if (!this.log.includes("ready to accept connections")) return false;
    return (await firstReply(this.port, SSL_REQUEST)).length === 1;
  }
}

async function initialise(command: ServerCommand): Promise<void> {
  await using process = new ServerProcess(command);
  const { success } = await process.ended;
  if (!success) throw new Error(`initdb failed: ${process.log}`);
}
