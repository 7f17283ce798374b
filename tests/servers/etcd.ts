import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { writeKeyPair } from "./certificates.ts";
import type { BinaryRequest } from "./debian_package.ts";
import { EtcdAdmin } from "./etcd_admin.ts";
import {
  etcdFlags,
  type EtcdMember,
  type EtcdOptions,
  type EtcdPorts,
  type EtcdSecrets,
  peerOf,
} from "./etcd_flags.ts";
import type { EtcdGatewayOptions } from "./etcd_gateway.ts";
import { fetchOnce } from "./fetch_once.ts";
import { freePorts } from "./free_port.ts";
import { LocalServer, LOOPBACK, provideServer, startNew } from "./local_server.ts";
import type { ServerCommand } from "./server_process.ts";

/** The program that runs these servers. */
export const ETCD: BinaryRequest = { package: "etcd-server", binary: "etcd" };

interface Setup {
  readonly options: EtcdOptions;
  readonly command: Pick<ServerCommand, "path" | "env">;
  readonly folder: string;
  readonly secrets: EtcdSecrets;
  readonly admin: EtcdAdmin;
  readonly member: EtcdMember;
}

/** A real etcd. */
export class EtcdServer extends LocalServer {
  readonly ports: EtcdPorts;
  /** Its URL; by name where it serves TLS, since not every client can verify an address. */
  readonly endpoint: string;
  /** Administers it; as root, once that turned authentication on. */
  readonly admin: EtcdAdmin;
  readonly #setup: Setup;
  #member: EtcdMember;

  private constructor(setup: Setup) {
    super({ title: "etcd", folder: setup.folder, startDeadlineMs: 30_000 });
    const { options, member, admin } = setup;
    this.ports = member.ports;
    this.endpoint = options.tls === undefined
      ? `http://${LOOPBACK}:${member.ports.client}`
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
    const { path, env, folder } = await provideServer(ETCD);
    const { tls, tokenTtlSeconds } = options;
    // Without a common name: where it asks for certificates, its gateway dials with this one.
    const certificate = await tls?.authority.issue({ hosts: ["localhost", LOOPBACK] });
    const tokens = tokenTtlSeconds === undefined ? undefined : await writeKeyPair(folder);
    const place = member ?? alone();
    const client = tls?.mutual === true ? await tls.authority.issue() : undefined;
    return new EtcdServer({
      options,
      command: { path, env: { ...env, ...unsupportedArchitecture() } },
      folder,
      secrets: {
        ...(certificate === undefined ? {} : { certificate }),
        ...(tokens === undefined ? {} : { tokens }),
      },
      admin: new EtcdAdmin({
        endpoint: `${tls === undefined ? "http" : "https"}://${LOOPBACK}:${place.ports.client}`,
        ...(tls === undefined ? {} : { caCertificate: tls.authority.certificate }),
        ...(client === undefined ? {} : { client }),
      }),
      member: place,
    });
  }

  /** Makes one and starts it. */
  static async start(options: EtcdOptions = {}): Promise<EtcdServer> {
    return await startNew(await EtcdServer.create(options));
  }

  /** As it wrote it, but for what it tells, at whatever log level, of each time it was found unhealthy. */
  override get log(): string {
    return super.log.split("\n").filter((line) => !line.includes("/health error")).join("\n");
  }

  /** Stops it, if it runs, and starts it on the same ports and data. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
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

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    this.admin[Symbol.dispose]();
  }

  protected override command(): ServerCommand {
    const { command, folder, options, secrets } = this.#setup;
    return { ...command, args: etcdFlags(options, { folder, member: this.#member, secrets }) };
  }

  /** It has a leader and serves; one that is merely full counts as healthy. */
  protected override async isReady(): Promise<boolean> {
    const url = `http://${LOOPBACK}:${this.ports.metrics}/health?exclude=NOSPACE`;
    return await fetchOnce(url).then(({ ok }) => ok, () => false);
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
