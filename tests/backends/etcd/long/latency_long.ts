// Real sockets: from an edit to obedience, beside the bare client's own watch of the same edits.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Etcd3 } from "npm:etcd3@1.1.2";
import { ETCD, EtcdServer } from "../../../servers/etcd.ts";
import { serverTests } from "../../../servers/server_tests.ts";
import { PREFIX, Subject } from "../subject.ts";
import { TRANSPORTS } from "../../../etcd/transports.ts";

const test = await serverTests(ETCD);
const EDITS = 1_000;

function report(what: string, tookMs: number[]): void {
  tookMs.sort((a, b) => a - b);
  const at = (share: number): string => (tookMs[Math.floor(share * EDITS)] ?? NaN).toFixed(2);
  console.log(`${what}: median ${at(0.5)} ms, p99 ${at(0.99)} ms`);
}

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: ${EDITS} edits, each obeyed`, async () => {
    await using etcd = await EtcdServer.start();
    const client = new Etcd3({ hosts: etcd.endpoint });
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport });
    const seen = { bare: 0, obeyed: 0 };
    const tookMs: { bare: number[]; obeyed: number[] } = { bare: [], obeyed: [] };
    let startedMs = 0;
    let wake = (): void => {};
    // The raw stream: a Watcher that was cancelled leaves two timers behind.
    const stream = await client.watchClient.watch();
    const ended = new Promise((resolve) => stream.on("status", resolve));
    const created = Promise.withResolvers<void>();
    stream.on("error", () => {});
    const key = Buffer.from(`${PREFIX}users.json`);
    stream.write({ create_request: { key } });
    stream.on("data", (frame) => {
      if (frame.created) return created.resolve();
      seen.bare++;
      tookMs.bare.push(performance.now() - startedMs);
      wake();
    });
    await created.promise;
    const breaker = subject.provider.getBreaker("users");
    breaker.on("policyChange", () => {
      seen.obeyed++;
      tookMs.obeyed.push(performance.now() - startedMs);
      wake();
    });
    for (let edit = 1; edit <= EDITS; edit++) {
      startedMs = performance.now();
      await etcd.admin.put(`${PREFIX}users.json`, `{"failureThreshold":${edit}}`);
      while (seen.bare < edit || breaker.policy.failureThreshold !== edit) {
        await new Promise<void>((resolve) => wake = resolve);
      }
    }
    stream.cancel();
    await ended;
    client.close();
    report(`${transport}, the bare client's watch`, tookMs.bare);
    report(`${transport}, obeyed`, tookMs.obeyed);
    assert.equal(tookMs.obeyed.length, EDITS);
  });
}
