/**
 * Follows policies in a real etcd: `etcd_main URL TRANSPORT`. Says what it ran
 * on, prints what failed, and closes with `N passed, N failed`.
 *
 * @module
 */
import { createProvider, getDefaultConfig } from "@switchgear/breaker";
import { etcdBackend } from "@switchgear/breaker/etcd";
import assert from "node:assert/strict";
import process from "node:process";
import { runChecks, SILENT, until } from "../on_platform/check_list.ts";
import { thisRuntime } from "../on_platform/runtime.ts";

const [hosts = "", transport] = process.argv.slice(2);
assert(transport === "grpc" || transport === "gateway", "Usage: etcd_main URL TRANSPORT");
const { name, version } = thisRuntime();
console.log(`platform ${name} ${version}`);

const namespace = `/${name}-${version}-${transport}`;
const config = getDefaultConfig("everywhere", "production");

const { passed, failed } = await runChecks([{
  name: `etcd by ${transport}: what is written is obeyed at once, and history is kept`,
  run: async () => {
    const backend = etcdBackend({ hosts, transport, namespace });
    const put = (policy: object): Promise<string> =>
      backend.put(config.policiesPath, "users", JSON.stringify(policy));
    await put({ failureThreshold: 3 });
    const provider = await createProvider(config, { backend, logger: SILENT });
    try {
      const users = provider.getBreaker("users");
      assert.equal(users.policy.failureThreshold, 3);
      await put({ failureThreshold: 4 });
      await until(() => users.policy.failureThreshold === 4);
      const stale = await backend.compareAndSet(config.policiesPath, "users", "{}", "1");
      assert.equal(stale, undefined);
      assert.equal(await backend.delete(config.policiesPath, "users"), true);
      await until(() => users.policy.failureThreshold !== 4);
      const versions = await backend.history(config.policiesPath, "users");
      assert(versions.length >= 2);
    } finally {
      await provider.close();
    }
  },
}], (line) => console.log(line));
console.log(`${passed} passed, ${failed} failed`);
