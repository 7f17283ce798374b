import type { BinaryRequest } from "./debian_package.ts";
import { fetchOnce } from "./fetch_once.ts";
import { freePorts } from "./free_port.ts";
import {
  LocalServer,
  LOOPBACK,
  provideServer,
  type ServerFiles,
  startNew,
} from "./local_server.ts";
import type { ServerCommand } from "./server_process.ts";

/** The program that runs these servers. */
export const NATS: BinaryRequest = { package: "nats-server", binary: "nats-server" };

/** A real NATS with JetStream, which keeps its streams from start to start. */
export class NatsServer extends LocalServer {
  readonly port: number;
  /** What a client takes as `servers`. */
  readonly address: string;
  readonly #monitorPort: number;
  readonly #files: ServerFiles;

  private constructor(files: ServerFiles) {
    super({ title: "NATS", folder: files.folder });
    const [port = 0, monitorPort = 0] = freePorts(2);
    this.port = port;
    this.address = `${LOOPBACK}:${port}`;
    this.#monitorPort = monitorPort;
    this.#files = files;
  }

  /** @throws {Error} Where there is no NATS here */
  static async start(): Promise<NatsServer> {
    return await startNew(new NatsServer(await provideServer(NATS)));
  }

  /** Connections of clients, as the server counts them. */
  async connections(): Promise<number> {
    const { body } = await fetchOnce(this.#monitor("/connz"));
    const { num_connections }: { num_connections: number } = JSON.parse(body);
    return num_connections;
  }

  protected override command(): ServerCommand {
    const { path, env, folder } = this.#files;
    const ports = ["-a", LOOPBACK, "-p", String(this.port), "-m", String(this.#monitorPort)];
    return { path, env, args: [...ports, "-js", "-sd", folder] };
  }

  /** It serves JetStream. */
  protected override async isReady(): Promise<boolean> {
    return await fetchOnce(this.#monitor("/healthz")).then(({ ok }) => ok, () => false);
  }

  #monitor(path: string): string {
    return `http://${LOOPBACK}:${this.#monitorPort}${path}`;
  }
}
