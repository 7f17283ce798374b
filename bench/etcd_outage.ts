/**
 * What a call costs while etcd is up, down and up again, in one run:
 * `deno run -A bench/etcd_outage.ts`. Nothing of etcd is on a caller's path, so
 * the three figures must be alike.
 *
 * @module
 */
import { createProvider, getDefaultConfig } from "../mod.ts";
import { etcdBackend } from "../backends/etcd/mod.ts";
import { provideBinary } from "../tests/servers/debian_package.ts";
import { ETCD, EtcdServer } from "../tests/servers/etcd.ts";

const CALLS = 400_000;
const ROUNDS = 7;
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const binary = await provideBinary(ETCD);
if (!binary.available) {
  console.error(`etcd cannot be had: ${binary.reason}`);
  Deno.exit(2);
}

for (const transport of ["grpc", "gateway"] as const) {
  await using etcd = await EtcdServer.start();
  const config = getDefaultConfig("bench", "production");
  await etcd.admin.put(`${config.policiesPath}payments.json`, '{"failureThreshold":7}');
  const backend = etcdBackend({ hosts: [etcd.endpoint], transport });
  await using provider = await createProvider(config, { backend, logger: QUIET });
  const breaker = provider.getBreaker("payments");
  let sink = 0;
  const operation = (): Promise<number> => Promise.resolve(1);

  /** The median of several rounds, in nanoseconds per call. */
  const measure = async (): Promise<number> => {
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const startedAt = performance.now();
      for (let i = 0; i < CALLS; i++) sink += await breaker.do(operation);
      rounds.push((performance.now() - startedAt) * 1e6 / CALLS);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return rounds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  };

  await measure(); // until the code is compiled
  const up = await measure();
  await etcd.kill();
  while (provider.status().backend.state !== "stale") {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const down = await measure();
  await etcd.restart();
  while (provider.status().backend.state !== "fresh") {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const again = await measure();
  if (sink === 0 || breaker.policy.failureThreshold !== 7) throw new Error("nothing was measured");
  const ns = (value: number): string => `${value.toFixed(1)} ns`;
  console.log(
    `${transport}: up ${ns(up)}, down ${ns(down)} (${(down / up).toFixed(2)}x), ` +
      `up again ${ns(again)} (${(again / up).toFixed(2)}x)`,
  );
}
