// Real processes and real sockets: these tests wait for what they do, not for a clock.
import assert from "node:assert/strict";
import { type Generation, type GenerationListener, openGeneration } from "../../etcd/generation.ts";
import { rangeOf } from "../../etcd/key_range.ts";
import type { EtcdEvent } from "../../etcd/messages.ts";
import { etcdSettings } from "../../etcd/options.ts";
import type { Listing } from "../../etcd/session.ts";
import { ETCD, EtcdServer } from "../servers/etcd.ts";
import { serverTests } from "../servers/server_tests.ts";
import { DeafGateway } from "./deaf_gateway.ts";
import { type Transport, TRANSPORTS } from "./transports.ts";

const test = await serverTests(ETCD);

/** Writes down what it hears. */
class Heard implements GenerationListener {
  readonly lines: string[] = [];
  #wake = Promise.withResolvers<void>();

  onList({ kvs }: Listing): void {
    this.#note(`list ${kvs.map(({ key }) => text(key)).join(" ")}`);
  }

  onEvent({ key, value, isDelete }: EtcdEvent): void {
    this.#note(isDelete ? `delete ${text(key)}` : `put ${text(key)} ${text(value)}`);
  }

  onEnd(): void {
    this.#note("end");
  }

  /** Resolves once `line` was heard. */
  async until(line: string): Promise<void> {
    while (!this.lines.includes(line)) await this.#wake.promise;
  }

  #note(line: string): void {
    this.lines.push(line);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Follows what begins with `/a/`. */
async function follow(
  hosts: string,
  { transport, listener }: { readonly transport: Transport; readonly listener: Heard },
): Promise<Generation> {
  const settings = etcdSettings({ hosts, transport, requestTimeoutMs: 2_000 });
  const [host] = settings.hosts;
  assert(host);
  const range = rangeOf(new TextEncoder().encode("/a/"));
  return await openGeneration({ settings, host, range, listener, signal: undefined });
}

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: a generation tells what is there, then each change in order, until it is left`, async () => {
    await using etcd = await EtcdServer.start();
    for (const key of ["/a/1", "/a/2", "/b/1"]) await etcd.admin.put(key, "0");
    const listener = new Heard();
    {
      await using generation = await follow(etcd.endpoint, { transport, listener });
      assert.deepEqual(listener.lines, ["list /a/1 /a/2"]);
      await etcd.admin.put("/a/1", "1");
      await etcd.admin.put("/b/1", "1");
      await etcd.admin.delete("/a/1");
      await etcd.admin.put("/a/3", "1");
      await listener.until("put /a/3 1");
      assert.equal(generation.signal.aborted, false);
    }
    await etcd.admin.put("/a/3", "2");
    assert.deepEqual(listener.lines, [
      "list /a/1 /a/2",
      "put /a/1 1",
      "delete /a/1",
      "put /a/3 1",
    ]);
  });

  test(`etcd over ${transport}: a generation hears once of its end, and none begins without etcd`, async () => {
    await using etcd = await EtcdServer.start();
    const listener = new Heard();
    {
      await using _generation = await follow(etcd.endpoint, { transport, listener });
      await etcd.kill();
      await listener.until("end");
    }
    assert.deepEqual(listener.lines, ["list ", "end"]);
    await assert.rejects(follow(etcd.endpoint, { transport, listener: new Heard() }));
  });
}

test("etcd over gateway: a change made while the list is on its way is told after it", async () => {
  await using etcd = await EtcdServer.start();
  await using gateway = new DeafGateway(etcd.endpoint);
  gateway.afterList = async () => {
    await etcd.admin.put("/a/1", "1");
  };
  const listener = new Heard();
  await using _generation = await follow(gateway.endpoint, { transport: "gateway", listener });
  await listener.until("put /a/1 1");
  assert.deepEqual(listener.lines, ["list ", "put /a/1 1"]);
});
