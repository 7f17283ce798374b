// Real processes and real sockets, for minutes: faults drawn at random, from a seed that is printed.
import assert from "node:assert/strict";
import { ETCD, EtcdServer } from "../../../servers/etcd.ts";
import { serverTests } from "../../../servers/server_tests.ts";
import { TcpProxy } from "../../../servers/tcp_proxy.ts";
import { pauseMs } from "../subject.ts";
import { TRANSPORTS } from "../../../etcd/transports.ts";
import { TortureEdits } from "./torture_edits.ts";
import { FAULT_KINDS, randomFrom } from "./torture_faults.ts";
import { TortureProcess } from "./torture_process.ts";

const test = await serverTests(ETCD);
const SEED = Number(Deno.env.get("SEED") ?? 20260731);
const FAULTS = 40;
/** Between two looks, faults pile up. */
const FAULTS_PER_LOOK = 4;
const BREAKERS = ["counter", "brief-0", "brief-1", "brief-2"];

test(`etcd: ${FAULTS} faults at random, and four processes end where etcd is`, async () => {
  console.log(`seed ${SEED}`);
  const random = randomFrom(SEED);
  await using etcd = await EtcdServer.start();
  await using proxy = await TcpProxy.start(etcd.ports.client);
  await using owned = new AsyncDisposableStack();
  const processes: TortureProcess[] = [];
  for (const transport of [...TRANSPORTS, ...TRANSPORTS]) {
    const options = { hosts: `127.0.0.1:${proxy.port}`, transport, breakers: BREAKERS };
    processes.push(owned.use(await TortureProcess.start(options)));
  }
  const edits = new TortureEdits(etcd.admin, BREAKERS);
  const kinds = Object.entries(FAULT_KINDS);
  const befell = new Map<string, number>();
  const slowestMs = new Map<string, number>();
  for (let fault = 1; fault <= FAULTS; fault++) {
    const [kind, befall] = kinds[Math.floor(random() * kinds.length)] ?? [];
    assert.ok(kind !== undefined && befall !== undefined);
    befell.set(kind, (befell.get(kind) ?? 0) + 1);
    // One edit falls before, into or after the fault, another between this fault and the next.
    await Promise.all([
      befall({ etcd, proxy, random }),
      pauseMs(random() * 300).then(() => edits.put("counter", 100 + fault)),
    ]);
    const startedMs = performance.now();
    const brief = `brief-${fault % 3}`;
    if (edits.has(brief) && random() < 0.5) await edits.delete(brief);
    else await edits.put(brief, 100 + fault);
    if (fault % FAULTS_PER_LOOK > 0) continue;
    const documents = await edits.documents();
    await Promise.all(processes.map(async (one) => {
      const what = `fault ${fault}, ${kind}`;
      const { obeyed, inForce, unhandled } = await one.holds(documents, what);
      const tookMs = performance.now() - startedMs;
      console.log(`${what}, ${one.description}: converged in ${tookMs.toFixed(0)} ms`);
      slowestMs.set(kind, Math.max(slowestMs.get(kind) ?? 0, tookMs));
      edits.assertObeyed(obeyed, one.description);
      assert.equal(inForce["counter"], 100 + fault);
      assert.deepEqual(unhandled, [], one.description);
    }));
  }
  console.log([...befell].map(([kind, count]) => `${count} x ${kind}`).join(", "));
  for (const [kind, tookMs] of slowestMs) {
    console.log(`after ${kind}: at most ${tookMs.toFixed(0)} ms`);
  }
  // Two processes end with etcd in reach, two of them without.
  for (const [index, one] of processes.entries()) {
    if (index === TRANSPORTS.length) proxy.blackhole();
    const { last, tookMs } = await one.close();
    const count = edits.assertObeyed(last.obeyed, one.description);
    assert.deepEqual(last.unhandled, [], one.description);
    console.log(
      `${one.description}: obeyed ${count} of ${edits.count} edits, the others were superseded; ended ${
        tookMs.toFixed(0)
      } ms after close`,
    );
  }
});
