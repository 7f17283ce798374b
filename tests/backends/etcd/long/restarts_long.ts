// Real processes and real sockets, for minutes: the long form of what outages_test.ts holds.
import assert from "node:assert/strict";
import { ETCD, EtcdServer } from "../../../servers/etcd.ts";
import { serverTests } from "../../../servers/server_tests.ts";
import { Subject } from "../subject.ts";
import { TRANSPORTS } from "../../../etcd/transports.ts";

const test = await serverTests(ETCD);
const ROUNDS = 40;

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: stopped and restarted ${ROUNDS} times, the process lives`, async () => {
    await using etcd = await EtcdServer.start();
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport });
    const tookMs: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      await etcd.restart();
      tookMs.push(await subject.converges(etcd.admin, `${transport}, restart ${round}`));
    }
    assert.equal(tookMs.length, ROUNDS);
    tookMs.sort((a, b) => a - b);
    const [median = 0, longest = 0] = [tookMs[ROUNDS / 2], tookMs.at(-1)];
    console.log(`${transport}: median ${median.toFixed(0)} ms, longest ${longest.toFixed(0)} ms`);
  });
}
