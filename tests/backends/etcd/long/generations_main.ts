// Begins and ends a watch many times over, and prints what is held now and then.
import { etcdBackend } from "../../../../backends/etcd/mod.ts";

const [hosts = "", transport = "", prefix = ""] = Deno.args;
const GENERATIONS = 750;
const STEP = 125;

const backend = etcdBackend({ hosts, transport: transport === "grpc" ? "grpc" : "gateway" });
for (let generation = 1; generation <= GENERATIONS; generation++) {
  for await (const update of backend.watch(prefix)) {
    if (update.kind === "snapshot") break;
  }
  if (generation % STEP > 0) continue;
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect === "function") collect();
  const { rss, heapUsed } = Deno.memoryUsage();
  const descriptors = [...Deno.readDirSync("/proc/self/fd")].length;
  console.log(JSON.stringify({ generation, rss, heapUsed, descriptors }));
}
