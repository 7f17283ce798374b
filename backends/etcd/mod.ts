/**
 * Policies in etcd 3.4 or newer: read and followed over gRPC, through the npm package etcd3, or
 * over etcd's JSON gateway with plain `fetch`. What is compacted, restarted, cut off, frozen or
 * without quorum is noticed within seconds, and what is in force stays until etcd is back.
 *
 * @example Usage
 * ```ts ignore
 * import { readFile } from "node:fs/promises";
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { etcdBackend } from "@switchgear/breaker/etcd";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
 *   backend: etcdBackend({
 *     hosts: ["https://etcd-1:2379", "https://etcd-2:2379", "https://etcd-3:2379"],
 *     tls: { ca: await readFile("/etc/etcd/ca.pem") },
 *     username: "im-gateway",
 *     password: await readFile("/run/secrets/etcd", "utf8"),
 *   }),
 * });
 * ```
 *
 * @module
 */
export { EtcdBackend, etcdBackend } from "./etcd_backend.ts";
export type { EtcdBackendOptions } from "./options.ts";
export type { EtcdOptions } from "../../etcd/options.ts";
export type { EtcdTls } from "../../etcd/tls.ts";
export type { EtcdClient } from "../../etcd/client.ts";
