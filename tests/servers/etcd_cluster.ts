import { randomUUID } from "node:crypto";
import { EtcdServer } from "./etcd.ts";
import { type EtcdOptions, peerOf } from "./etcd_flags.ts";
import { freePorts } from "./free_port.ts";

const LEADER_DEADLINE_MS = 20_000;
const LEADER_POLL_MS = 50;

/** Three real etcds that hold the same data; addressed by index. */
export class EtcdCluster implements AsyncDisposable {
  readonly nodes: readonly EtcdServer[];

  private constructor(nodes: readonly EtcdServer[]) {
    this.nodes = nodes;
  }

  /** Makes the members, starts them all and waits until each is healthy. */
  static async start(options: EtcdOptions = {}, size = 3): Promise<EtcdCluster> {
    const places = Array.from({ length: size }, (_, index) => {
      const [client = 0, peer = 0, metrics = 0] = freePorts(3);
      return { name: `node${index}`, ports: { client, peer, metrics } };
    });
    const initialCluster = places.map(({ name, ports }) => peerOf(name, ports)).join(",");
    const clusterToken = randomUUID();
    const nodes: EtcdServer[] = [];
    const cluster = new EtcdCluster(nodes);
    // Elections of three on a busy machine want more patience than one member's with itself.
    const patient = { heartbeatMs: 100, electionMs: 1_000, ...options };
    try {
      for (const place of places) {
        nodes.push(await EtcdServer.create(patient, { ...place, initialCluster, clusterToken }));
      }
      await cluster.start();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  get endpoints(): string[] {
    return this.nodes.map((node) => node.endpoint);
  }

  /** @throws {RangeError} Where there is no such node */
  node(index: number): EtcdServer {
    const node = this.nodes[index];
    if (node === undefined) throw new RangeError(`There is no node ${index}`);
    return node;
  }

  /** Starts all members that do not run, at the same time, and waits until each is healthy. */
  async start(): Promise<void> {
    const ended = this.nodes.filter((node) => !node.running);
    await Promise.all(ended.map((node) => node.start()));
  }

  /**
   * The index of the member that a majority takes for the leader; waits until there is one.
   *
   * @throws {Error} Where there is none in time
   */
  async leader(deadlineMs = LEADER_DEADLINE_MS): Promise<number> {
    const end = performance.now() + deadlineMs;
    while (performance.now() < end) {
      const index = await this.#leaderNow();
      if (index !== undefined) return index;
      await new Promise((resolve) => setTimeout(resolve, LEADER_POLL_MS));
    }
    throw new Error(`The cluster has no leader after ${deadlineMs} ms`);
  }

  /** Restarts one member after the other, each healthy again before the next. */
  async rollingRestart(between: (restarted: number) => unknown = () => {}): Promise<void> {
    for (const [index, node] of this.nodes.entries()) {
      await node.restart();
      await between(index);
    }
  }

  /** Loses everything: starts again as a new cluster on the same ports, users included. */
  async wipe(): Promise<void> {
    const clusterToken = randomUUID();
    await Promise.all(this.nodes.map((node) => node.erase(clusterToken)));
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
  }

  async #leaderNow(): Promise<number | undefined> {
    const answers = await Promise.all(this.nodes.map(async (node) => {
      if (!node.running) return undefined;
      using admin = node.connect({ timeoutMs: 1_000 });
      return await admin.status().catch(() => undefined);
    }));
    const votes = Map.groupBy(answers, (answer) => answer?.leaderId);
    const leaderId = [...votes].find(([id, voters]) =>
      id !== undefined && voters.length > this.nodes.length / 2
    )?.[0];
    const index = answers.findIndex((answer) =>
      answer?.memberId === leaderId && leaderId !== undefined
    );
    return index < 0 ? undefined : index;
  }
}
