// Real processes and real sockets: these tests wait for what they do, not for a clock.
import assert from "node:assert/strict";
import process from "node:process";
import { ETCD, EtcdServer } from "../../servers/etcd.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { PREFIX, Subject } from "./subject.ts";
import { TRANSPORTS } from "../../etcd/transports.ts";

const test = await serverTests(ETCD);
/** For what keeps a busy machine busy: the backend's own limits. */
const PATIENT = { requestTimeoutMs: 5_000, heartbeatMs: 3_000, silenceMs: 6_000 };
const MANY = 5_000;

async function putMany(etcd: EtcdServer, round: number): Promise<void> {
  const names = Array.from({ length: MANY }, (_, index) => `breaker-${index}`);
  for (let start = 0; start < MANY; start += 100) {
    const success = names.slice(start, start + 100).map((name) => ({
      request_put: {
        key: btoa(`${PREFIX}${name}.json`),
        value: btoa(`{"failureThreshold":${round}}`),
      },
    }));
    await etcd.admin.call("kv/txn", { success });
  }
}

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: ${MANY} policies are listed page by page, and followed`, async () => {
    await using etcd = await EtcdServer.start();
    await putMany(etcd, 1);
    const startedMs = performance.now();
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport, ...PATIENT });
    console.log(
      `${transport}, ${MANY} policies: started in ${(performance.now() - startedMs).toFixed(0)} ms`,
    );
    assert.equal(subject.provider.status().documents.length, MANY);
    await putMany(etcd, 2);
    await subject.converges(etcd.admin, `${transport}, ${MANY} edits`);
    assert.equal(subject.threshold(`breaker-${MANY - 1}`), 2);
    await etcd.restart();
    await subject.converges(etcd.admin, `${transport}, ${MANY} policies, SIGTERM and restart`);
  });

  test(`etcd over ${transport}: a value of 2 MB arrives whole, listed and watched`, async () => {
    await using etcd = await EtcdServer.start({ maxRequestBytes: 8 * 2 ** 20 });
    const value = (threshold: number): string =>
      JSON.stringify({ failureThreshold: threshold, description: "x".repeat(2 * 2 ** 20) });
    await etcd.admin.put(`${PREFIX}large.json`, value(3));
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport });
    assert.equal(subject.threshold("large"), 3);
    await etcd.admin.put(`${PREFIX}large.json`, value(4));
    await subject.converges(etcd.admin, `${transport}, an edit of 2 MB`);
    assert.equal(subject.threshold("large"), 4);
  });

  test(`etcd over ${transport}: a burst of edits starves nobody, and the last one wins`, async () => {
    await using etcd = await EtcdServer.start();
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport, ...PATIENT });
    // By the processor's time: what other programs take of it is no stall of ours.
    let longestMs = 0;
    let last = process.cpuUsage();
    const beat = setInterval(() => {
      const { user, system } = process.cpuUsage(last);
      longestMs = Math.max(longestMs, (user + system) / 1_000);
      last = process.cpuUsage();
    }, 1);
    try {
      // One transaction writes many keys at once: more than 10,000 edits in a second.
      for (let round = 1; round <= 3; round++) await putMany(etcd, round);
      await subject.converges(etcd.admin, `${transport}, a burst of ${3 * MANY} edits`);
    } finally {
      clearInterval(beat);
    }
    console.log(`${transport}, burst: longest stall of the event loop ${longestMs.toFixed(0)} ms`);
    assert.equal(subject.threshold("breaker-7"), 3);
    assert.ok(longestMs < 500, `stalled for ${longestMs} ms`);
  });

  test(`etcd over ${transport}: a wiped cluster takes no policy away until it is adopted`, async () => {
    for (const keepClusterId of [true, false]) {
      await using etcd = await EtcdServer.start();
      await etcd.admin.put(`${PREFIX}default.json`, "{}");
      await etcd.admin.put(`${PREFIX}users.json`, `{"failureThreshold":3}`);
      await etcd.admin.put(`${PREFIX}others.json`, `{"failureThreshold":4}`);
      await using subject = await Subject.start({ hosts: etcd.endpoint, transport });
      await etcd.wipe({ keepClusterId });
      // The first revision of the new cluster stood for another text in the old one.
      await etcd.admin.put(`${PREFIX}default.json`, `{"failureThreshold":9}`);
      await subject.until("the new default", () => subject.threshold("default") === 9);
      assert.equal(subject.threshold("users"), 3);
      assert.match(subject.warnings.join("\n"), /wiped or restored.*stay in force.*others\.json/);
      assert.match(subject.provider.status().backend.notes.join("\n"), /wiped or restored/);
      // What is written and deleted in the new cluster is gone, in sight or out of it.
      await etcd.admin.put(`${PREFIX}brief.json`, `{"failureThreshold":5}`);
      await subject.until("a new one", () => subject.threshold("brief") === 5);
      await etcd.stop();
      await etcd.start();
      await etcd.admin.delete(`${PREFIX}brief.json`);
      await subject.until("it is gone", () => subject.threshold("brief") !== 5);
      assert.equal(subject.threshold("users"), 3);
      subject.backend.adopt();
      await subject.converges(etcd.admin, `${transport}, wiped and adopted`);
      assert.equal(subject.threshold("users"), 9);
      assert.deepEqual(subject.provider.status().backend.notes, []);
    }
  });

  test(`etcd over ${transport}: a wiped cluster that is filled again needs no word`, async () => {
    await using etcd = await EtcdServer.start();
    const fill = async (threshold: number): Promise<void> => {
      for (const name of ["users", "others"]) {
        await etcd.admin.put(`${PREFIX}${name}.json`, `{"failureThreshold":${threshold}}`);
      }
    };
    await fill(3);
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport });
    await etcd.wipe({ keepClusterId: true });
    await subject.until("a warning", () => /wiped or restored/.test(subject.warnings.join()));
    assert.equal(subject.threshold("users"), 3);
    await fill(8);
    await subject.converges(etcd.admin, `${transport}, wiped and filled again`);
    assert.equal(subject.threshold("users"), 8);
    assert.deepEqual(subject.provider.status().backend.notes, []);
  });
}
