import type { EtcdServer } from "../../../servers/etcd.ts";
import type { TcpProxy } from "../../../servers/tcp_proxy.ts";
import { pauseMs, PREFIX, untilDone } from "../subject.ts";

/** What faults befall. */
export interface TortureScene {
  readonly etcd: EtcdServer;
  /** Between the processes and etcd; edits go past it. */
  readonly proxy: TcpProxy;
  readonly random: () => number;
}

/** Numbers in [0, 1) that a seed decides: a Lehmer generator (Park and Miller, 1988). */
export function randomFrom(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1;
  return () => (state = state * 48_271 % 2_147_483_647) / 2_147_483_647;
}

/** Every kind of fault by name; each has passed when it returns, except that a cut may still be armed. */
export const FAULT_KINDS: Readonly<Record<string, (scene: TortureScene) => Promise<void>>> = {
  kill: async ({ etcd, random }) => {
    await etcd.kill();
    await pauseMs(random() * 1_500);
    await etcd.start();
  },
  stop: async ({ etcd, random }) => {
    await etcd.stop();
    await pauseMs(random() * 1_500);
    await etcd.start();
  },
  restart: ({ etcd }) => etcd.restart(),
  pause: async ({ etcd, random }) => {
    await etcd.pause();
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
  compact: async ({ etcd, proxy }) => {
    // What happens while nobody can look is forgotten before anybody can.
    await proxy.refuse();
    for (let i = 0; i < 5; i++) await untilDone(() => etcd.admin.put(`${PREFIX}away.json`, "{}"));
    await etcd.admin.compact(await etcd.admin.revision());
    await proxy.restore();
  },
};
