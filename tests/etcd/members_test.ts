import assert from "node:assert/strict";
import { EtcdMembers } from "../../etcd/members.ts";
import { etcdSettings } from "../../etcd/options.ts";
import type { EtcdConnection, EtcdTransport } from "../../etcd/transport.ts";

/** A connection over which nobody talks. */
const SILENT: EtcdConnection = {
  encodeBytes: (bytes) => bytes,
  decodeBytes: () => new Uint8Array(),
  call: () => Promise.reject(new Error("not expected")),
  watch: () => {
    throw new Error("not expected");
  },
  close: () => Promise.resolve(),
};

/** Members a, b and c, of which those `down` take no connection. */
function members(down: readonly string[]): EtcdMembers {
  const transport: EtcdTransport = {
    connect: ({ hostname }) =>
      down.includes(hostname)
        ? Promise.reject(new Error(`${hostname} is down`))
        : Promise.resolve(SILENT),
  };
  const settings = etcdSettings({ hosts: ["a", "b", "c"], transport: "gateway" });
  return new EtcdMembers({ ...settings, transport });
}

function ask(asked: EtcdMembers): Promise<string> {
  return asked.request(undefined, ({ host }) => Promise.resolve(host.hostname));
}

Deno.test("etcd: a request goes to the member in use", async () => {
  const all = members([]);
  assert.deepEqual([await ask(all), await ask(all)], ["a", "a"]);
});

Deno.test("etcd: where a member is out of reach, the next takes its place and keeps it", async () => {
  const down = ["a"];
  const rest = members(down);
  assert.equal(await ask(rest), "b");
  down.pop();
  assert.equal(await ask(rest), "b");
});

Deno.test("etcd: a request is made twice at most, and then fails with the second's error", async () => {
  await assert.rejects(ask(members(["a", "b"])), /b is down/);
});

Deno.test("etcd: a request that was aborted is not made again", async () => {
  const all = members([]);
  const ended = new AbortController();
  const request = all.request(ended.signal, () => {
    ended.abort(new Error("enough"));
    return Promise.reject(new Error("cut off"));
  });
  await assert.rejects(request, /cut off/);
  assert.equal(all.at(0).hostname, "a");
});

Deno.test("etcd: a member that somebody else has left already is not left twice", () => {
  const all = members([]);
  const first = all.at(0);
  all.leave(first);
  all.leave(first);
  assert.deepEqual([0, 1, 2, 3].map((offset) => all.at(offset).hostname), ["b", "c", "a", "b"]);
});
