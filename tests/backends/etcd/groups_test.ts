// A real etcd: what is tested is that a group's edit arrives, not how fast.
import assert from "node:assert/strict";
import { configCentre } from "../../../mod.ts";
import { ETCD, EtcdServer } from "../../servers/etcd.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { TRANSPORTS } from "../../etcd/transports.ts";
import { PREFIX, Subject } from "./subject.ts";

const test = await serverTests(ETCD);

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: R28: groups stand under their names, come, change and go`, async () => {
    await using etcd = await EtcdServer.start();
    await etcd.admin.put(`${PREFIX}tenant-*.json`, '{"failureThreshold":3}');
    await etcd.admin.put(`${PREFIX}breakers.json`, '{"users-*":{"failureThreshold":7}}');
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport });
    const thresholds = (): unknown[] =>
      ["tenant-7", "users-7", "a*b"].map((name) => subject.threshold(name));
    assert.deepEqual(thresholds(), [3, 7, 5]);
    const centre = configCentre(subject.backend, PREFIX);

    await centre.put("tenant-7*", { failureThreshold: 4 });
    await subject.until("a nearer group came", () => subject.threshold("tenant-7") === 4);
    assert.equal(subject.threshold("tenant-8"), 3);

    await etcd.admin.put(`${PREFIX}tenant-7*.json`, '{"failureThreshold":0.5}');
    await subject.converges(etcd.admin, `${transport}, a group that is refused`);
    assert.equal(subject.threshold("tenant-7"), 4);

    await centre.delete("tenant-7*");
    await subject.until("it went", () => subject.threshold("tenant-7") === 3);

    await centre.put("a**b", { failureThreshold: 9 });
    await subject.until("a literal star", () => subject.threshold("a*b") === 9);
    assert.equal(subject.threshold("axb"), 5);

    await etcd.restart();
    await centre.put("tenant-*", { failureThreshold: 2 });
    await subject.until("after a restart", () => subject.threshold("tenant-7") === 2);
    const { breakers } = subject.provider.status();
    assert.deepEqual(
      breakers.find(({ name }) => name === "tenant-7")?.sources.map(({ source }) => source),
      [
        `${PREFIX}tenant-*.json`,
      ],
    );
  });
}
