import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeKeyPair } from "./certificates.ts";
import { type BinaryRequest, provideBinary } from "./debian_package.ts";
import { EtcdAdmin } from "./etcd_admin.ts";
import {
  ETCD_HOST,
  etcdFlags,
  type EtcdMember,
  type EtcdOptions,
  type EtcdPorts,
  type EtcdSecrets,
  peerOf,
} from "./etcd_flags.ts";
import type { EtcdGatewayOptions } from "./etcd_gateway.ts";
import { freePorts } from "./free_port.ts";
import { type ServerCommand, ServerProcess } from "./server_process.ts";

const HEALTH_DEADLINE_MS = 30_000;
const HEALTH_POLL_MS = 20;

/** The program that runs these servers. */
export const ETCD: BinaryRequest = { package: "etcd-server", binary: "etcd" };

/** How an ended server is started again. */
export interface EtcdStartOptions {
  /**
   * Waits until it is healthy. A member that finds no quorum does not become so.
   *
   * @default true
   */
  readonly untilHealthy?: boolean;
}

interface Setup {
  readonly options: EtcdOptions;
  readonly command: Pick<ServerCommand, "path" | "env">;
  readonly folder: string;
  readonly secrets: EtcdSecrets;
  readonly admin: EtcdAdmin;
  readonly member: EtcdMember;
}

/** A real etcd on loopback; ports and data stay its own from creation to disposal. */
export class EtcdServer implements AsyncDisposable {
  readonly host = ETCD_HOST;
  readonly ports: EtcdPorts;
  /** Its URL; by name where it serves TLS, since not every client can verify an address. */
  readonly endpoint: string;
  /** Administers it; as root, once that turned authentication on. */
  readonly admin: EtcdAdmin;
  readonly #setup: Setup;
  #member: EtcdMember;
  #process: ServerProcess | undefined;

  private constructor(setup: Setup) {
    const { options, member, admin } = setup;
    this.ports = member.ports;
    this.endpoint = options.tls === undefined
      ? `http://${ETCD_HOST}:${member.ports.client}`
      : `https://localhost:${member.ports.client}`;
    this.admin = admin;
    this.#setup = setup;
    this.#member = member;
  }

  /**
   * Makes one that is not started yet.
   *
   * @param member Its place in a cluster; left out: alone
   * @throws {Error} Where there is no etcd here
   */
  static async create(options: EtcdOptions = {}, member?: EtcdMember): Promise<EtcdServer> {
    const binary = await provideBinary(ETCD);
    if (!binary.available) throw new Error(binary.reason);
    const folder = await mkdtemp(join(tmpdir(), "switchgear-etcd-"));
    const { tls, tokenTtlSeconds } = options;
    // Without a common name: where it asks for certificates, its gateway dials with this one.
    const certificate = await tls?.authority.issue({ hosts: ["localhost", ETCD_HOST] });
    const tokens = tokenTtlSeconds === undefined ? undefined : await writeKeyPair(folder);
    const place = member ?? alone();
    const client = tls?.mutual === true ? await tls.authority.issue() : undefined;
    return new EtcdServer({
      options,
      command: { path: binary.path, env: { ...binary.env, ...unsupportedArchitecture() } },
      folder,
      secrets: {
        ...(certificate === undefined ? {} : { certificate }),
        ...(tokens === undefined ? {} : { tokens }),
      },
      admin: new EtcdAdmin({
        endpoint: `${tls === undefined ? "http" : "https"}://${ETCD_HOST}:${place.ports.client}`,
        ...(tls === undefined ? {} : { caCertificate: tls.authority.certificate }),
        ...(client === undefined ? {} : { client }),
      }),
      member: place,
    });
  }

  /** Makes one and starts it. */
  static async start(options: EtcdOptions = {}): Promise<EtcdServer> {
    const server = await EtcdServer.create(options);
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

  /** The process that runs now. */
  get pid(): number | undefined {
    return this.running ? this.#process?.pid : undefined;
  }

  /** The end of what it wrote since it was last started. */
  get log(): string {
    return withoutPolling(this.#process?.log ?? "");
  }

  /**
   * Starts it on its ports and data.
   *
   * @throws {Error} Where it ends instead, or does not become healthy in time
   */
  async start({ untilHealthy = true }: EtcdStartOptions = {}): Promise<void> {
    if (this.running) throw new Error("This etcd is running already");
    const { command, folder, options, secrets } = this.#setup;
    const args = etcdFlags(options, { folder, member: this.#member, secrets });
    this.#process = new ServerProcess({ ...command, args });
    if (untilHealthy) await this.untilHealthy();
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

  /** Stops it, if it runs, and starts it on the same ports and data. */
  async restart(options?: EtcdStartOptions): Promise<void> {
    await this.stop();
    await this.start(options);
  }

  /**
   * Loses everything: stops it, deletes its data and starts it as a new cluster, users included.
   *
   * @param keepClusterId As where the machine was set up again from the same files. @default false
   */
  async wipe({ keepClusterId = false }: { readonly keepClusterId?: boolean } = {}): Promise<void> {
    await this.erase(keepClusterId ? this.#member.clusterToken : randomUUID());
    await this.start();
  }

  /** Kills it and deletes its data; when it is next started, it is of a cluster with this token. */
  async erase(clusterToken: string): Promise<void> {
    await this.kill();
    await rm(join(this.#setup.folder, "data"), { recursive: true, force: true });
    this.#member = { ...this.#member, clusterToken };
    this.admin.logout();
  }

  /** Another administrator: as another user, through a proxy, with another limit. */
  connect(options: Partial<EtcdGatewayOptions> = {}): EtcdAdmin {
    return new EtcdAdmin({ ...this.admin.options, ...options });
  }

  /** @throws {Error} Where it ends instead, or takes longer than the deadline in milliseconds */
  async untilHealthy(deadlineMs = HEALTH_DEADLINE_MS): Promise<void> {
    const process = this.#mustRun("wait for");
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const end = performance.now() + deadlineMs;
    while (performance.now() < end) {
      if (!process.running) throw new Error(`etcd ended while it started: ${this.log}`);
      if (await isHealthy(this.ports.metrics, client)) return;
      await new Promise((resolve) => setTimeout(resolve, HEALTH_POLL_MS));
    }
    throw new Error(`etcd was not healthy within ${deadlineMs} ms: ${this.log}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    this.admin[Symbol.dispose]();
    await rm(this.#setup.folder, { recursive: true, force: true });
  }

  #mustRun(action: string): ServerProcess {
    if (this.#process === undefined) throw new Error(`Cannot ${action} an etcd never started`);
    return this.#process;
  }
}

/** Etcd tells of each time that it was found unhealthy, whatever its log level. */
function withoutPolling(log: string): string {
  return log.split("\n").filter((line) => !line.includes("/health error")).join("\n");
}

/** Whether it has a leader and serves; one that is merely full counts as healthy. */
async function isHealthy(port: number, client: Deno.HttpClient): Promise<boolean> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 2_000);
  try {
    const url = `http://${ETCD_HOST}:${port}/health?exclude=NOSPACE`;
    const response = await fetch(url, { client, signal: abort.signal });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function alone(): EtcdMember {
  const [client = 0, peer = 0, metrics = 0] = freePorts(3);
  const ports = { client, peer, metrics };
  const initialCluster = peerOf("alone", ports);
  return { name: "alone", ports, initialCluster, clusterToken: randomUUID() };
}

/** Etcd 3.4 runs on anything but amd64 only where it is told that this is meant. */
function unsupportedArchitecture(): Record<string, string> {
  const architecture = Deno.build.arch === "aarch64" ? "arm64" : undefined;
  return architecture === undefined ? {} : { ETCD_UNSUPPORTED_ARCH: architecture };
}
