// Real processes and real sockets, for minutes: silences under the times that users have.
import assert from "node:assert/strict";
import { ETCD, EtcdServer } from "../../../servers/etcd.ts";
import { serverTests } from "../../../servers/server_tests.ts";
import { TcpProxy } from "../../../servers/tcp_proxy.ts";
import { pauseMs, PREFIX, Subject } from "../subject.ts";
import { TRANSPORTS } from "../../../etcd/transports.ts";

const test = await serverTests(ETCD);
const USUAL = { requestTimeoutMs: 3_000, heartbeatMs: 3_000, silenceMs: 6_000 };

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: frozen for 20 s, and followed when it wakes`, async () => {
    await using etcd = await EtcdServer.start();
    await using subject = await Subject.start({ ...USUAL, hosts: etcd.endpoint, transport });
    await etcd.pause();
    const noticedMs = await subject.lost(`${transport}, SIGSTOP`);
    console.log(`${transport}, SIGSTOP: noticed in ${noticedMs.toFixed(0)} ms`);
    assert.ok(noticedMs < 10_000);
    await pauseMs(20_000 - noticedMs);
    etcd.resume();
    await subject.converges(etcd.admin, `${transport}, SIGSTOP for 20 s`);
  });

  test(`etcd over ${transport}: in a black hole for 15 s`, async () => {
    await using etcd = await EtcdServer.start();
    await using proxy = await TcpProxy.start(etcd.ports.client);
    const hosts = `127.0.0.1:${proxy.port}`;
    await using subject = await Subject.start({ ...USUAL, hosts, transport });
    proxy.blackhole();
    const noticedMs = await subject.lost(`${transport}, black hole`);
    console.log(`${transport}, black hole: noticed in ${noticedMs.toFixed(0)} ms`);
    await etcd.admin.put(`${PREFIX}meanwhile.json`, "{}");
    await pauseMs(15_000 - noticedMs);
    await proxy.restore();
    await subject.converges(etcd.admin, `${transport}, black hole for 15 s`);
  });

  test(`etcd over ${transport}: a quiet watch of 20 s is not given up`, async () => {
    await using etcd = await EtcdServer.start();
    await using subject = await Subject.start({ ...USUAL, hosts: etcd.endpoint, transport });
    await pauseMs(20_000);
    await subject.converges(etcd.admin, `${transport}, quiet for 20 s`);
    assert.equal(subject.provider.status().backend.attempts, 1);
  });
}
