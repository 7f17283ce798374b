// A real etcd, with the waits that its elections take.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { ETCD, EtcdServer } from "./etcd.ts";
import { serverTests } from "./server_tests.ts";

const etcdTest = await serverTests(ETCD);

etcdTest("etcd: what is put is there, with its revisions", async () => {
  await using etcd = await EtcdServer.start();
  const { admin } = etcd;
  const first = await admin.put("/a/用户", "一");
  const second = await admin.put("/a/用户", "二");
  assert.equal(second, first + 1);
  assert.deepEqual(await admin.get("/a/用户"), {
    key: "/a/用户",
    value: "二",
    createRevision: first,
    modRevision: second,
    version: 2,
  });
  assert.equal(await admin.revision(), second);
  assert.equal(await admin.delete("/a/用户"), true);
  assert.equal(await admin.delete("/a/用户"), false);
  assert.equal(await admin.get("/a/用户"), undefined);
});

etcdTest("etcd: a list is whole, of its prefix only, and in order", async () => {
  await using etcd = await EtcdServer.start();
  const { admin } = etcd;
  const keys = Array.from({ length: 1_201 }, (_, index) => `/p/${String(index).padStart(5, "0")}`);
  for (let start = 0; start < keys.length; start += 100) {
    await Promise.all(keys.slice(start, start + 100).map((key) => admin.put(key, key)));
  }
  await admin.put("/q", "beside");
  const listed = await admin.list("/p/");
  assert.deepEqual(listed.map(({ key }) => key), keys);
  assert(listed.every(({ key, value }) => key === value));
  assert.equal((await admin.list("")).length, keys.length + 1);
  assert.deepEqual(await admin.list("/none/"), []);
});

etcdTest("etcd: what is compacted cannot be read any more", async () => {
  await using etcd = await EtcdServer.start();
  const first = await etcd.admin.put("a", "1");
  await etcd.admin.put("a", "2");
  await etcd.admin.compact(await etcd.admin.revision());
  const old = etcd.admin.call("kv/range", { key: btoa("a"), revision: first });
  await assert.rejects(old, /required revision has been compacted/);
});

etcdTest("etcd: it comes back with its data on the same port, killed or stopped", async () => {
  await using etcd = await EtcdServer.start();
  await etcd.admin.put("a", "1");
  const before = await etcd.admin.status();
  await etcd.kill();
  assert.equal(etcd.running, false);
  await assert.rejects(etcd.admin.get("a"), /refused/);
  await etcd.start();
  assert.equal((await etcd.admin.get("a"))?.value, "1");
  await etcd.restart();
  assert.equal((await etcd.admin.get("a"))?.value, "1");
  assert.equal((await etcd.admin.status()).clusterId, before.clusterId);
});

etcdTest(
  "etcd: paused, it accepts connections and answers nothing; resumed, it goes on",
  async () => {
    await using etcd = await EtcdServer.start();
    await etcd.admin.put("a", "1");
    await etcd.pause();
    using impatient = etcd.connect({ timeoutMs: 200 });
    await assert.rejects(impatient.get("a"), /did not answer kv\/range within 200 ms/);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(etcd.ports.client, etcd.host, () => socket.destroy());
      socket.on("error", reject).on("close", () => resolve());
    });
    etcd.resume();
    assert.equal((await etcd.admin.get("a"))?.value, "1");
    await etcd.pause();
    await etcd.stop();
    assert.equal(etcd.running, false);
  },
);

etcdTest(
  "etcd: wiped, it is empty, and of another cluster unless told to keep the id",
  async () => {
    await using etcd = await EtcdServer.start();
    const before = await etcd.admin.status();
    for (const keepClusterId of [false, true]) {
      await etcd.admin.put("a", "1");
      const { clusterId } = await etcd.admin.status();
      await etcd.wipe({ keepClusterId });
      const after = await etcd.admin.status();
      assert.equal(after.clusterId === clusterId, keepClusterId);
      assert.deepEqual([after.revision, await etcd.admin.list("")], [1, []]);
    }
    assert.notEqual((await etcd.admin.status()).clusterId, before.clusterId);
  },
);

etcdTest("etcd: it keeps to its options", async () => {
  await using etcd = await EtcdServer.start({
    snapshotCount: 10,
    quotaBytes: 64 * 1_024,
    maxRequestBytes: 2_048,
    flags: ["--max-txn-ops=1"],
  });
  await assert.rejects(etcd.admin.put("long", "x".repeat(4_096)), /request is too large/);
  const put = { requestPut: { key: btoa("a"), value: btoa("1") } };
  await assert.rejects(etcd.admin.call("kv/txn", { success: [put, put] }), /too many operations/);
  const fill = async () => {
    for (let index = 0; index < 200; index++) await etcd.admin.put(`${index}`, "x".repeat(1_500));
  };
  await assert.rejects(fill(), /database space exceeded/);
  // Full is no reason not to come back.
  await etcd.restart();
});

etcdTest("etcd: one that ends while it starts says why, and leaves nothing behind", async () => {
  await assert.rejects(EtcdServer.start({ flags: ["--no-such-flag"] }), /no-such-flag/);
});
