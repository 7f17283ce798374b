// Real etcd servers, for minutes: an outage as long as people take to mend one.
import assert from "node:assert/strict";
import { ETCD, EtcdServer } from "../../../servers/etcd.ts";
import { serverTests } from "../../../servers/server_tests.ts";
import { TcpProxy } from "../../../servers/tcp_proxy.ts";
import { pauseMs, PREFIX, Subject } from "../subject.ts";
import { TRANSPORTS } from "../../../etcd/transports.ts";

const test = await serverTests(ETCD);
const OUTAGE_MS = 120_000;

test("etcd: out of reach for two minutes and back with other content, over both transports at once", async () => {
  await using etcd = await EtcdServer.start();
  for (const name of ["kept", "changed", "gone"]) {
    await etcd.admin.put(`${PREFIX}${name}.json`, '{"failureThreshold":7}');
  }
  await using proxy = await TcpProxy.start(etcd.ports.client);
  const hosts = `127.0.0.1:${proxy.port}`;
  await using gateway = await Subject.start({ hosts, transport: TRANSPORTS[0] });
  await using grpc = await Subject.start({ hosts, transport: TRANSPORTS[1] });
  const subjects = { gateway, grpc };
  await proxy.refuse();
  for (const [name, subject] of Object.entries(subjects)) await subject.lost(name);
  await etcd.admin.put(`${PREFIX}changed.json`, '{"failureThreshold":8}');
  await etcd.admin.put(`${PREFIX}new.json`, '{"failureThreshold":9}');
  await etcd.admin.delete(`${PREFIX}gone.json`);
  await pauseMs(OUTAGE_MS);
  const thresholds = (subject: Subject): (number | undefined)[] =>
    ["kept", "changed", "gone", "new"].map((name) => subject.threshold(name));
  for (const subject of Object.values(subjects)) {
    assert.deepEqual(thresholds(subject), [7, 7, 7, 5]);
    const { unreachableForMs } = subject.provider.status().backend;
    assert.ok(unreachableForMs !== undefined && unreachableForMs >= OUTAGE_MS);
  }
  await proxy.restore();
  for (const [name, subject] of Object.entries(subjects)) {
    await subject.converges(etcd.admin, `${name}, out of reach for two minutes`);
    assert.deepEqual(thresholds(subject), [7, 8, 5, 9]);
  }
});
