import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { WritableConfigBackend } from "../../../src/provider/backend.ts";
import { KeySpace } from "../../../backends/etcd/keys.ts";
import { etcdBackend } from "../../../backends/etcd/mod.ts";
import type { BackendHarness } from "../contract.ts";
import type { EtcdEntry } from "../../servers/etcd_admin.ts";
import type { EtcdServer } from "../../servers/etcd.ts";
import type { Transport } from "../../etcd/transports.ts";

let opened = 0;

/** An etcd backend under a prefix of its own on a shared etcd, edited by calls of its gateway. */
export class EtcdHarness implements BackendHarness {
  readonly backend: WritableConfigBackend;
  readonly prefix = `/contract/${++opened}/breakers/`;
  readonly #server: EtcdServer;
  readonly #keys = new KeySpace(this.prefix);
  #before: EtcdEntry[] = [];

  private constructor(server: EtcdServer, transport: Transport) {
    this.#server = server;
    this.backend = etcdBackend({ hosts: server.endpoint, transport });
  }

  static async open(
    server: EtcdServer,
    transport: Transport,
    documents: ReadonlyMap<string, string>,
    collection?: string,
  ): Promise<EtcdHarness> {
    const harness = new EtcdHarness(server, transport);
    for (const [name, text] of documents) await harness.put(name, text);
    if (collection !== undefined) {
      await server.admin.put(`${harness.prefix}breakers.json`, collection);
    }
    harness.#before = await harness.#outside();
    return harness;
  }

  async put(name: string, text: string): Promise<void> {
    const [key, value] = [this.#keys.keyOf(name), new TextEncoder().encode(text)].map(base64);
    await this.#server.admin.call("kv/put", { key, value });
  }

  async remove(name: string): Promise<void> {
    await this.#server.admin.call("kv/deleterange", { key: base64(this.#keys.keyOf(name)) });
  }

  async assertContained(): Promise<void> {
    assert.deepEqual(await this.#outside(), this.#before);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #outside(): Promise<EtcdEntry[]> {
    const all = await this.#server.admin.list("");
    return all.filter(({ key }) => !key.startsWith(this.prefix));
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
