// Real sockets: what a generation leaves behind shows after hundreds of them, in a process without
// the sanitizers, which keep account of every operation.
import assert from "node:assert/strict";
import { denoCommand } from "../../../programs/deno_command.ts";
import { ETCD, EtcdServer } from "../../../servers/etcd.ts";
import { serverTests } from "../../../servers/server_tests.ts";
import { PREFIX } from "../subject.ts";
import { TRANSPORTS } from "../../../etcd/transports.ts";

const test = await serverTests(ETCD);
const MAIN = new URL("./generations_main.ts", import.meta.url).href;
const MEBIBYTE = 2 ** 20;

interface Sample {
  readonly generation: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly descriptors: number;
}

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: 500 generations leave memory and descriptors flat`, async () => {
    await using etcd = await EtcdServer.start();
    const names = Array.from({ length: 100 }, (_, index) => `breaker-${index}`);
    for (const name of names) await etcd.admin.put(`${PREFIX}${name}.json`, "{}");
    const { success, stdout, stderr } = await denoCommand({
      args: ["run", "-A", "--v8-flags=--expose-gc", MAIN, etcd.endpoint, transport, PREFIX],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    const samples = lines.map((line): Sample => JSON.parse(line));
    for (const { generation, rss, heapUsed, descriptors } of samples) {
      const [resident, heap] = [rss, heapUsed].map((bytes) => (bytes / MEBIBYTE).toFixed(1));
      console.log(
        `${transport}, ${generation}: ${resident} MiB, heap ${heap} MiB, ${descriptors} open`,
      );
    }
    // The process grows to its size in the first of them.
    const [first, last] = [samples[1], samples.at(-1)];
    assert.ok(first && last && last.generation - first.generation >= 500);
    assert.ok(last.descriptors <= first.descriptors, "descriptors grow");
    assert.ok(last.heapUsed < first.heapUsed + MEBIBYTE, "the heap grows");
    assert.ok(last.rss < first.rss + 25 * MEBIBYTE, "memory grows");
  });
}
