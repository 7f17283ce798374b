/** Where etcd3 is not installed, the error says so and what to do. */
import { createProvider, getDefaultConfig } from "@switchgear/breaker";
import { etcdBackend } from "@switchgear/breaker/etcd";
import { SILENT } from "./check_list.ts";

const starting = createProvider(getDefaultConfig("everywhere", "production"), {
  backend: etcdBackend({ hosts: "127.0.0.1:9" }),
  loadTimeout: "200ms",
  logger: SILENT,
});
const error: unknown = await starting.then(() => undefined, (error) => error);
const message = error instanceof Error ? error.message : "no error";
const told = /Cannot load the npm package etcd3: .*Install etcd3@[\d.]+, or choose the transport/;
console.log(told.test(message) ? "done" : message);
