// Three real etcds, with the waits that their elections take.
import assert from "node:assert/strict";
import { ETCD } from "./etcd.ts";
import { EtcdCluster } from "./etcd_cluster.ts";
import { serverTests } from "./server_tests.ts";

/** Quicker to elect than is safe where the machine is busy, as these tests do not keep it so. */
const QUICK = { heartbeatMs: 50, electionMs: 500 };

const etcdTest = await serverTests(ETCD);

etcdTest("etcd cluster: three elect one, and hold the same", async () => {
  await using cluster = await EtcdCluster.start(QUICK);
  assert.equal(new Set(cluster.endpoints).size, 3);
  const leader = await cluster.leader();
  assert([0, 1, 2].includes(leader));
  await cluster.node(0).admin.put("a", "1");
  for (const node of cluster.nodes) assert.equal((await node.admin.get("a"))?.value, "1");
  assert.equal((await cluster.node(1).admin.members()).size, 3);
});

etcdTest("etcd cluster: without its leader it elects another, who serves", async () => {
  await using cluster = await EtcdCluster.start(QUICK);
  const first = await cluster.leader();
  await cluster.node(first).kill();
  const second = await cluster.leader();
  assert.notEqual(second, first);
  await cluster.node(second).admin.put("a", "1");
  await cluster.start();
  assert.equal((await cluster.node(first).admin.get("a"))?.value, "1");
});

etcdTest(
  "etcd cluster: one alone of three has no quorum, and serves again with a second",
  async () => {
    await using cluster = await EtcdCluster.start(QUICK);
    await Promise.all([cluster.node(0).kill(), cluster.node(1).kill()]);
    using impatient = cluster.node(2).connect({ timeoutMs: 300 });
    await assert.rejects(impatient.put("a", "1"), /did not answer|request timed out/);
    await cluster.node(0).start();
    await cluster.leader();
    assert((await cluster.node(2).admin.put("a", "2")) > 0);
  },
);

etcdTest("etcd cluster: a rolling restart and a wipe leave all three in one cluster", async () => {
  await using cluster = await EtcdCluster.start(QUICK);
  await cluster.node(0).admin.put("a", "1");
  const restarted: number[] = [];
  await cluster.rollingRestart((index) => restarted.push(index));
  assert.deepEqual(restarted, [0, 1, 2]);
  assert.equal((await cluster.node(2).admin.get("a"))?.value, "1");
  const { clusterId } = await cluster.node(0).admin.status();
  await cluster.wipe();
  assert.deepEqual(await cluster.node(1).admin.list(""), []);
  const ids = await Promise.all(
    cluster.nodes.map(async ({ admin }) => (await admin.status()).clusterId),
  );
  assert.equal(new Set(ids).size, 1);
  assert(!ids.includes(clusterId));
});
