// A real etcd, with passwords; one test waits two seconds for a token to expire.
import assert from "node:assert/strict";
import type { EtcdAuth } from "./etcd_admin.ts";
import { ETCD, EtcdServer } from "./etcd.ts";
import { serverTests } from "./server_tests.ts";

const AUTH: EtcdAuth = {
  rootPassword: "root-password",
  roles: {
    reader: [{ access: "READ", prefix: "/p/" }],
    "one-writer": [{ access: "READWRITE", key: "/p/one" }],
  },
  users: [
    { name: "reads", password: "r", roles: ["reader"] },
    { name: "writes", password: "w", roles: ["reader", "one-writer"] },
  ],
};

const etcdTest = await serverTests(ETCD);

etcdTest("etcd with users: each may do what the roles say", async () => {
  await using etcd = await EtcdServer.start();
  await etcd.admin.setUpAuth(AUTH);
  await etcd.admin.put("/p/one", "1");
  await etcd.admin.put("/q", "1");
  using nobody = etcd.connect();
  await assert.rejects(nobody.get("/p/one"), /user name is empty|user name not found/);
  using reads = etcd.connect();
  reads.login("reads", "r");
  assert.equal((await reads.list("/p/")).length, 1);
  await assert.rejects(reads.get("/q"), /permission denied/);
  await assert.rejects(reads.put("/p/one", "2"), /permission denied/);
  using writes = etcd.connect();
  writes.login("writes", "w");
  await writes.put("/p/one", "2");
  await assert.rejects(writes.put("/p/two", "2"), /permission denied/);
  using liar = etcd.connect();
  liar.login("reads", "wrong");
  await assert.rejects(liar.get("/p/one"), /authentication failed/);
});

etcdTest("etcd with users: they outlive a restart, and are wiped with the data", async () => {
  await using etcd = await EtcdServer.start();
  await etcd.admin.setUpAuth(AUTH);
  await etcd.admin.put("/p/one", "1");
  const token = await etcd.admin.authenticate("reads", "r");
  // A simple token is in the log, and a restart replays the log: back to the last write only.
  await etcd.admin.put("/p/one", "1");
  await etcd.restart();
  const stale = await fetchWith(etcd, token);
  assert.match(stale, /invalid auth token/);
  assert.equal((await etcd.admin.get("/p/one"))?.value, "1");
  await etcd.admin.changePassword("root", "another");
  await etcd.admin.put("/p/one", "2");
  await etcd.wipe();
  await etcd.admin.put("/p/one", "3");
  await etcd.admin.setUpAuth(AUTH);
  await etcd.admin.disableAuth();
  using nobody = etcd.connect();
  assert.equal((await nobody.get("/p/one"))?.value, "3");
});

etcdTest("etcd with signed tokens: one outlives a restart, and expires", async () => {
  await using etcd = await EtcdServer.start({ tokenTtlSeconds: 2 });
  await etcd.admin.setUpAuth(AUTH);
  await etcd.admin.put("/p/one", "1");
  const token = await etcd.admin.authenticate("reads", "r");
  await etcd.restart();
  assert.match(await fetchWith(etcd, token), /"kvs"/);
  let answer = "";
  for (let attempt = 0; attempt < 100 && !/invalid auth token/.test(answer); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    answer = await fetchWith(etcd, token);
  }
  assert.match(answer, /invalid auth token/);
  assert.equal((await etcd.admin.get("/p/one"))?.value, "1");
});

/** Reads with a token as it is, good or not. @returns The answer's text */
async function fetchWith(etcd: EtcdServer, token: string): Promise<string> {
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const response = await fetch(`${etcd.endpoint}/v3/kv/range`, {
    method: "POST",
    body: JSON.stringify({ key: btoa("/p/one") }),
    headers: { authorization: token },
    client,
  });
  return await response.text();
}
