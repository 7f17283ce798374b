// Real processes and real sockets: these tests wait for what they do, not for a clock.
import assert from "node:assert/strict";
import { etcdBackend } from "../../../backends/etcd/mod.ts";
import { BackendError } from "../../../mod.ts";
import { ETCD, EtcdServer } from "../../servers/etcd.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { pauseMs, PREFIX, Subject } from "./subject.ts";
import { TRANSPORTS } from "../../etcd/transports.ts";

const test = await serverTests(ETCD);
const READER = { username: "reader", password: "secret-of-reader" };
const WRITER = { username: "writer", password: "secret-of-writer" };

/** A user who may read the documents and nothing else, and one who may write them. */
async function setUp(etcd: EtcdServer): Promise<void> {
  await etcd.admin.setUpAuth({
    rootPassword: "secret-of-root",
    roles: {
      read: [{ access: "READ", prefix: PREFIX }],
      write: [{ access: "READWRITE", prefix: PREFIX }],
    },
    users: [
      { name: READER.username, password: READER.password, roles: ["read"] },
      { name: WRITER.username, password: WRITER.password, roles: ["write"] },
    ],
  });
}

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: a role that may only read the prefix suffices to follow it`, async () => {
    await using etcd = await EtcdServer.start();
    await setUp(etcd);
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport, ...READER });
    await subject.converges(etcd.admin, `${transport}, as a user who may only read`);
    await assert.rejects(
      subject.backend.put(PREFIX, "users", "{}"),
      (error) => error instanceof BackendError && /permission denied/.test(error.message),
    );
    const findings = await subject.backend.diagnose(PREFIX);
    assert.deepEqual(findings.filter(({ verdict }) => verdict !== "ok"), []);
    const writing = findings.find(({ subject }) => subject.startsWith("permission to write"));
    assert.match(writing?.detail ?? "", /read only/);
  });

  test(`etcd over ${transport}: a role that may read and write the prefix suffices to write it`, async () => {
    await using etcd = await EtcdServer.start();
    await setUp(etcd);
    const backend = etcdBackend({ hosts: etcd.endpoint, transport, ...WRITER });
    const revision = await backend.put(PREFIX, "users", "{}");
    assert.ok(await backend.compareAndSet(PREFIX, "users", `{"mode":"normal"}`, revision));
    assert.equal((await backend.history(PREFIX, "users")).length, 2);
    assert.equal(await backend.delete(PREFIX, "users"), true);
    await assert.rejects(
      backend.read("/elsewhere/"),
      (error) => error instanceof BackendError && /permission denied/.test(error.message),
    );
  });

  test(`etcd over ${transport}: a wrong password or none is refused, and never shown`, async () => {
    await using etcd = await EtcdServer.start();
    await setUp(etcd);
    for (const user of [{ ...READER, password: "wrong-secret" }, {}]) {
      await assert.rejects(
        Subject.start({ hosts: etcd.endpoint, transport, ...user }, { loadTimeout: 200 }),
        (error) => error instanceof BackendError && !/secret/.test(error.message),
      );
    }
  });

  test(`etcd over ${transport}: a user is shown to an etcd without users too`, async () => {
    await using etcd = await EtcdServer.start();
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport, ...READER });
    await subject.converges(etcd.admin, `${transport}, authentication off`);
    await setUp(etcd);
    await etcd.restart();
    await subject.converges(etcd.admin, `${transport}, authentication turned on`);
  });

  test(`etcd over ${transport}: simple tokens die with etcd, a fresh one follows`, async () => {
    await using etcd = await EtcdServer.start();
    await setUp(etcd);
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport, ...READER });
    await etcd.restart();
    await subject.converges(etcd.admin, `${transport}, restart with simple tokens`);
    await etcd.kill();
    await etcd.start();
    await subject.converges(etcd.admin, `${transport}, killed with simple tokens`);
  });

  test(`etcd over ${transport}: a token that expires is replaced`, async () => {
    await using etcd = await EtcdServer.start({ tokenTtlSeconds: 1 });
    await setUp(etcd);
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport, ...READER });
    await pauseMs(1_500);
    await subject.converges(etcd.admin, `${transport}, token expired`);
    await etcd.restart();
    await subject.converges(etcd.admin, `${transport}, restart with signed tokens`);
  });
}
