// Real processes and real sockets: these tests wait for what they do, not for a clock.
import assert from "node:assert/strict";
import { ETCD } from "../../servers/etcd.ts";
import { EtcdCluster } from "../../servers/etcd_cluster.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { PREFIX, Subject, untilDone } from "./subject.ts";
import { TRANSPORTS } from "../../etcd/transports.ts";

const test = await serverTests(ETCD);

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}, three members: leader killed, rolling restart, quorum lost`, async () => {
    await using cluster = await EtcdCluster.start({ heartbeatMs: 50, electionMs: 500 });
    await using subject = await Subject.start({ hosts: cluster.endpoints, transport });
    const leader = await cluster.leader();
    const survivor = cluster.node((leader + 1) % 3);
    await cluster.node(leader).kill();
    await cluster.leader();
    await subject.converges(survivor.admin, `${transport}, leader killed`);
    await cluster.start();

    await cluster.rollingRestart(async (restarted) => {
      await subject.converges(cluster.node(restarted).admin, `${transport}, rolling restart`);
    });

    // This one cannot leave for another member.
    const kept = cluster.node(0);
    await using alone = await Subject.start({ hosts: kept.endpoint, transport });
    await Promise.all([cluster.node(1).kill(), cluster.node(2).kill()]);
    const noticedMs = await alone.lost(`${transport}, quorum lost`);
    console.log(`${transport}, quorum lost: noticed in ${noticedMs.toFixed(0)} ms`);
    assert.ok(noticedMs < 10_000);
    const findings = await subject.backend.diagnose(PREFIX);
    assert.equal(findings.filter(({ verdict }) => verdict === "fail").length >= 3, true);
    await cluster.start();
    await alone.converges(kept.admin, `${transport}, quorum lost and regained`);
    await subject.converges(kept.admin, `${transport}, quorum lost and regained, three hosts`);
    // Members answer one after the other, once they have heard of the leader.
    await untilDone(async () => {
      const well = await subject.backend.diagnose(PREFIX);
      assert.deepEqual(well.filter(({ verdict }) => verdict === "fail"), []);
    });
  });
}
