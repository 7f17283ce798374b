// Real processes and real sockets: these tests wait for what they do, not for a clock.
import assert from "node:assert/strict";
import { ETCD, EtcdServer } from "../../servers/etcd.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { DeafGateway } from "../../etcd/deaf_gateway.ts";
import { pauseMs, PREFIX, Subject } from "./subject.ts";

const test = await serverTests(ETCD);

const UNHEARD: readonly {
  readonly what: string;
  readonly edit: (etcd: EtcdServer) => Promise<unknown>;
  readonly threshold: number | undefined;
}[] = [
  {
    what: "an edit",
    edit: ({ admin }) => admin.put(`${PREFIX}users.json`, `{"failureThreshold":8}`),
    threshold: 8,
  },
  { what: "a deletion", edit: ({ admin }) => admin.delete(`${PREFIX}users.json`), threshold: 5 },
  {
    what: "a deletion and another edit of long ago",
    edit: async ({ admin }) => {
      await admin.delete(`${PREFIX}users.json`);
      await admin.put("/elsewhere/users.json", "{}");
    },
    threshold: 5,
  },
];

for (const { what, edit, threshold } of UNHEARD) {
  test(`etcd over gateway: ${what} that the stream swallows is found missing`, async () => {
    await using etcd = await EtcdServer.start();
    await using gateway = new DeafGateway(etcd.endpoint);
    await etcd.admin.put(`${PREFIX}users.json`, `{"failureThreshold":3}`);
    await using subject = await Subject.start({ hosts: gateway.endpoint, transport: "gateway" });
    gateway.isDeaf = true;
    await edit(etcd);
    const noticedMs = await subject.lost(`gateway, ${what} unheard`);
    console.log(`gateway, ${what} unheard: noticed in ${noticedMs.toFixed(0)} ms`);
    assert.ok(noticedMs < 3_000);
    gateway.isDeaf = false;
    await subject.converges(etcd.admin, `gateway, ${what} unheard`);
    assert.equal(subject.threshold("users"), threshold);
  });
}

test("etcd over gateway: a healthy stream is never suspected, however busy", async () => {
  await using etcd = await EtcdServer.start();
  await using subject = await Subject.start({
    hosts: etcd.endpoint,
    transport: "gateway",
    heartbeatMs: 5,
  });
  const endMs = performance.now() + 1_500;
  for (let edit = 0; performance.now() < endMs; edit++) {
    await Promise.all([1, 2, 3].map((writer) => {
      const key = `${PREFIX}breaker-${(edit * writer) % 20}.json`;
      return edit % 3 === 0 ? etcd.admin.delete(key) : etcd.admin.put(key, "{}");
    }));
    if (edit % 50 === 0) await pauseMs(20);
  }
  await subject.converges(etcd.admin, "gateway, edits without pause");
  assert.equal(subject.provider.status().backend.attempts, 1);
});

test("etcd over gateway: what the stream swallows is found by the next list", async () => {
  await using etcd = await EtcdServer.start();
  await using gateway = new DeafGateway(etcd.endpoint);
  await etcd.admin.put(`${PREFIX}users.json`, `{"failureThreshold":3}`);
  await using subject = await Subject.start({
    hosts: gateway.endpoint,
    transport: "gateway",
    heartbeatMs: 60_000,
    relistMs: 300,
  });
  gateway.isDeaf = true;
  await etcd.admin.delete(`${PREFIX}users.json`);
  await subject.converges(etcd.admin, "gateway, listed again");
  assert.equal(subject.threshold("users"), 5);
  assert.equal(subject.provider.status().backend.attempts, 1);
});

test("etcd over gateway: an edit made while the list is on its way is not lost", async () => {
  await using etcd = await EtcdServer.start();
  await using gateway = new DeafGateway(etcd.endpoint);
  await etcd.admin.put(`${PREFIX}users.json`, `{"failureThreshold":3}`);
  await etcd.admin.put(`${PREFIX}others.json`, `{"failureThreshold":4}`);
  gateway.afterList = async () => {
    await etcd.admin.put(`${PREFIX}users.json`, `{"failureThreshold":8}`);
    await etcd.admin.delete(`${PREFIX}others.json`);
    // So that the watch has told of both before the list arrives, which knows of neither.
    await pauseMs(100);
  };
  await using subject = await Subject.start({
    hosts: gateway.endpoint,
    transport: "gateway",
    heartbeatMs: 60_000,
  });
  assert.equal(subject.threshold("users"), 8);
  assert.equal(subject.threshold("others"), 5);
});
