// Real processes and real sockets: these tests wait for what they do, not for a clock.
import assert from "node:assert/strict";
import { etcdBackend } from "../../../backends/etcd/mod.ts";
import { BackendError } from "../../../mod.ts";
import { ETCD, EtcdServer } from "../../servers/etcd.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { TcpProxy } from "../../servers/tcp_proxy.ts";
import { pauseMs, PREFIX, Subject } from "./subject.ts";
import { TRANSPORTS } from "../../etcd/transports.ts";

const test = await serverTests(ETCD);

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: an edit is in force at once, an invalid one never`, async () => {
    await using etcd = await EtcdServer.start();
    await etcd.admin.put(`${PREFIX}users.json`, `{"failureThreshold":3}`);
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport });
    assert.equal(subject.threshold("users"), 3);
    await etcd.admin.put(`${PREFIX}users.json`, `{"failureThreshold":4}`);
    await subject.converges(etcd.admin, `${transport}, an edit`);
    assert.equal(subject.threshold("users"), 4);
    await etcd.admin.put(`${PREFIX}users.json`, `not JSON`);
    await etcd.admin.put(`${PREFIX}others.json`, Uint8Array.of(0xff, 0xfe));
    await subject.converges(etcd.admin, `${transport}, two invalid values`);
    assert.equal(subject.threshold("users"), 4);
    const refused = subject.provider.status().documents.filter((document) => document.refused);
    assert.deepEqual(refused.map(({ name }) => name).sort(), ["others", "users"]);
  });

  test(`etcd over ${transport}: killed and restarted, the edit made then is obeyed`, async () => {
    await using etcd = await EtcdServer.start();
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport });
    await etcd.kill();
    await subject.lost(`${transport}, SIGKILL`);
    await etcd.start();
    await subject.converges(etcd.admin, `${transport}, SIGKILL and restart`);
  });

  test(`etcd over ${transport}: stopped and restarted in a row, the process lives on`, async () => {
    await using etcd = await EtcdServer.start();
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport });
    for (let round = 0; round < 4; round++) {
      await etcd.restart();
      await subject.converges(etcd.admin, `${transport}, SIGTERM and restart`);
    }
  });

  test(`etcd over ${transport}: a frozen etcd is noticed, and followed when it wakes`, async () => {
    await using etcd = await EtcdServer.start();
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport });
    await etcd.pause();
    const noticedMs = await subject.lost(`${transport}, SIGSTOP`);
    assert.ok(noticedMs < 3_000, `noticed after ${noticedMs} ms`);
    await pauseMs(300);
    etcd.resume();
    await subject.converges(etcd.admin, `${transport}, SIGSTOP and SIGCONT`);
  });

  test(`etcd over ${transport}: frozen at the end, it does not hold up the close`, async () => {
    await using etcd = await EtcdServer.start();
    await using _subject = await Subject.start({ hosts: etcd.endpoint, transport });
    await etcd.pause();
  });

  test(`etcd over ${transport}: down or silent at start, the start fails in time`, async () => {
    await using etcd = await EtcdServer.start();
    await using proxy = await TcpProxy.start(etcd.ports.client);
    const hosts = `127.0.0.1:${proxy.port}`;
    for (const fault of ["blackhole", "refuse"] as const) {
      await proxy[fault]();
      const startedMs = performance.now();
      await assert.rejects(
        Subject.start({ hosts, transport }, { loadTimeout: 700 }),
        (error) => error instanceof BackendError && error.message.includes(hosts),
      );
      assert.ok(performance.now() - startedMs < 2_500);
      await proxy.restore();
    }
    await proxy.refuse();
    await using subject = await Subject.start(
      { hosts, transport },
      { loadTimeout: 300, onLoadFailure: "use-defaults" },
    );
    await proxy.restore();
    await subject.converges(etcd.admin, `${transport}, down at start`);
  });

  test(`etcd over ${transport}: a host that is silent is left for the next`, async () => {
    await using etcd = await EtcdServer.start();
    await using proxy = await TcpProxy.start(etcd.ports.client);
    proxy.blackhole();
    const hosts = [`127.0.0.1:${proxy.port}`, etcd.endpoint];
    await using patient = await Subject.start({ hosts, transport });
    await patient.converges(etcd.admin, `${transport}, a silent host among two`);
    // Whoever gives up sooner than the backend does must not meet the same host for ever.
    const backend = etcdBackend({ hosts, transport });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    for await (const update of backend.watch(PREFIX, { signal: abort.signal })) {
      assert.fail(`the silent host said ${update.kind}`);
    }
    for await (const update of backend.watch(PREFIX)) {
      assert.equal(update.kind, "snapshot");
      break;
    }
  });

  test(`etcd over ${transport}: a network that swallows everything is noticed`, async () => {
    await using etcd = await EtcdServer.start();
    await using proxy = await TcpProxy.start(etcd.ports.client);
    const hosts = `127.0.0.1:${proxy.port}`;
    await using subject = await Subject.start({ hosts, transport });
    proxy.blackhole();
    await etcd.admin.put(`${PREFIX}meanwhile.json`, "{}");
    const noticedMs = await subject.lost(`${transport}, black hole`);
    assert.ok(noticedMs < 3_000, `noticed after ${noticedMs} ms`);
    await pauseMs(200);
    await proxy.restore();
    await subject.converges(etcd.admin, `${transport}, black hole`);
  });

  test(`etcd over ${transport}: cut in mid-frame, nothing is lost and nothing half-read`, async () => {
    await using etcd = await EtcdServer.start();
    await using proxy = await TcpProxy.start(etcd.ports.client);
    const hosts = `127.0.0.1:${proxy.port}`;
    await using subject = await Subject.start({ hosts, transport });
    for (const how of ["reset", "end"] as const) {
      const cut = proxy.cutAfter(700, how);
      const description = "x".repeat(2_000);
      await etcd.admin.put(`${PREFIX}long.json`, JSON.stringify({ description, how }));
      assert.equal(await cut, true);
      await subject.converges(etcd.admin, `${transport}, cut in mid-frame by ${how}`);
    }
  });

  test(`etcd over ${transport}: compacted beyond what was seen while away`, async () => {
    await using etcd = await EtcdServer.start();
    await using proxy = await TcpProxy.start(etcd.ports.client);
    await etcd.admin.put(`${PREFIX}gone.json`, "{}");
    await using subject = await Subject.start({ hosts: `127.0.0.1:${proxy.port}`, transport });
    await proxy.refuse();
    await subject.lost(`${transport}, refused`);
    for (let round = 0; round < 20; round++) await etcd.admin.put(`${PREFIX}users.json`, `{}`);
    await etcd.admin.delete(`${PREFIX}gone.json`);
    await etcd.admin.compact(await etcd.admin.revision());
    await proxy.restore();
    await subject.converges(etcd.admin, `${transport}, compaction while away`);
    const sources = subject.provider.status().documents.map(({ name }) => name).sort();
    assert.deepEqual(sources, ["edit", "users"]);
  });

  test(`etcd over ${transport}: deleted and recreated, in sight and out of it`, async () => {
    await using etcd = await EtcdServer.start();
    await using proxy = await TcpProxy.start(etcd.ports.client);
    await etcd.admin.put(`${PREFIX}users.json`, `{"failureThreshold":2}`);
    await using subject = await Subject.start({ hosts: `127.0.0.1:${proxy.port}`, transport });
    for (const isAway of [false, true]) {
      if (isAway) await proxy.refuse();
      await etcd.admin.delete(`${PREFIX}users.json`);
      await etcd.admin.put(`${PREFIX}users.json`, `{"failureThreshold":${isAway ? 8 : 7}}`);
      if (isAway) await proxy.restore();
      await subject.converges(etcd.admin, `${transport}, deleted and recreated`);
      assert.equal(subject.threshold("users"), isAway ? 8 : 7);
    }
  });
}
