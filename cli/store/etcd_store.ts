import type { EtcdBackendOptions } from "../../backends/etcd/mod.ts";
import type { WritableConfigBackend } from "../../src/provider/backend.ts";
import { UsageError } from "../usage_error.ts";

/**
 * Creates the etcd backend, whose code is loaded only now: no other command needs it.
 *
 * @throws {UsageError} If an option is not what it must be.
 */
export async function openEtcd(options: EtcdBackendOptions): Promise<WritableConfigBackend> {
  const { etcdBackend } = await import("../../backends/etcd/mod.ts");
  try {
    return etcdBackend(options);
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}
