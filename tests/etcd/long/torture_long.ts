// Real processes and real sockets, for minutes: faults drawn at random, from a seed that is printed.
import assert from "node:assert/strict";
import { ETCD, EtcdServer } from "../../servers/etcd.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { TcpProxy } from "../../servers/tcp_proxy.ts";
import { pauseMs, PREFIX, Subject, untilDone } from "../subject.ts";
import { TRANSPORTS } from "../transports.ts";

const test = await serverTests(ETCD);
const SEED = Number(Deno.env.get("SEED") ?? 20260731);
const FAULTS = 40;

/** Numbers in [0, 1) that a seed decides: a Lehmer generator (Park and Miller, 1988). */
function randomFrom(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1;
  return () => (state = state * 48_271 % 2_147_483_647) / 2_147_483_647;
}

interface Scene {
  readonly etcd: EtcdServer;
  readonly proxy: TcpProxy;
  readonly random: () => number;
}

const FAULT_KINDS: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  kill: async ({ etcd, random }) => {
    await etcd.kill();
    await pauseMs(random() * 1_500);
    await etcd.start();
  },
  restart: ({ etcd }) => etcd.restart(),
  freeze: async ({ etcd, random }) => {
    etcd.pause();
    await pauseMs(random() * 3_000);
    etcd.resume();
  },
  cut: ({ proxy, random }) => Promise.resolve(proxy.cut(random() < 0.5 ? "reset" : "end")),
  truncate: ({ proxy, random }) => {
    void proxy.cutAfter(1 + Math.floor(random() * 2_000));
    return Promise.resolve();
  },
  blackhole: async ({ proxy, random }) => {
    proxy.blackhole();
    await pauseMs(random() * 4_000);
    await proxy.restore();
  },
  refuse: async ({ proxy, random }) => {
    await proxy.refuse();
    await pauseMs(random() * 1_500);
    await proxy.restore();
  },
  compact: async ({ etcd }) => etcd.admin.compact(await etcd.admin.revision()),
};

test(`etcd: ${FAULTS} faults at random, and four providers end where etcd is`, async () => {
  console.log(`seed ${SEED}`);
  const random = randomFrom(SEED);
  await using etcd = await EtcdServer.start();
  await using proxy = await TcpProxy.start(etcd.ports.client);
  const hosts = `127.0.0.1:${proxy.port}`;
  await using subjects = new AsyncDisposableStack();
  const all: Subject[] = [];
  for (const transport of [...TRANSPORTS, ...TRANSPORTS]) {
    all.push(subjects.use(await Subject.start({ hosts, transport })));
  }
  // What each provider has seen of each breaker must only ever go forward.
  const backward: string[] = [];
  for (const [index, subject] of all.entries()) {
    let newest = 0;
    subject.provider.getBreaker("counter").on("policyChange", ({ policy }) => {
      if (policy.failureThreshold < newest) backward.push(`${index}: ${policy.failureThreshold}`);
      newest = policy.failureThreshold;
    });
  }
  const kinds = Object.keys(FAULT_KINDS);
  const slowestMs = new Map<string, number>();
  for (let fault = 1; fault <= FAULTS; fault++) {
    const kind = kinds[Math.floor(random() * kinds.length)] ?? "cut";
    const edit = JSON.stringify({ failureThreshold: 100 + fault });
    const scene = { etcd, proxy, random };
    // The edit falls before, into or after the fault.
    await Promise.all([
      FAULT_KINDS[kind]?.(scene),
      pauseMs(random() * 300).then(() =>
        untilDone(() => etcd.admin.put(`${PREFIX}counter.json`, edit))
      ),
    ]);
    const name = `${PREFIX}brief-${fault % 3}.json`;
    const isGone = random() < 0.5;
    await untilDone(async () => {
      if (isGone) await etcd.admin.delete(name);
      else await etcd.admin.put(name, "{}");
    });
    if (fault % 4 > 0) continue;
    for (const subject of all) {
      const tookMs = await subject.converges(
        etcd.admin,
        `fault ${fault}, ${kind}, ${subject.backend.description}`,
      );
      slowestMs.set(kind, Math.max(slowestMs.get(kind) ?? 0, tookMs));
      assert.equal(subject.threshold("counter"), 100 + fault);
    }
  }
  assert.deepEqual(backward, []);
  for (const [kind, tookMs] of slowestMs) {
    console.log(`after ${kind}: at most ${tookMs.toFixed(0)} ms`);
  }
});
