import { createProvider, getDefaultConfig } from "@switchgear/breaker";
import { etcdBackend } from "@switchgear/breaker/etcd";

const [hosts = "", transport] = Deno.args;
if (transport !== "grpc" && transport !== "gateway") {
  throw new Error("Usage: etcd.ts URL TRANSPORT");
}
const backend = etcdBackend({ hosts, transport });
const config = getDefaultConfig(`im-gateway-${transport}`, "production");
await using provider = await createProvider(config, { backend });
const users = provider.getBreaker("users");
const changed = new Promise<void>((resolve) => users.on("policyChange", () => resolve()));
await backend.put(config.policiesPath, "users", '{ "failureThreshold": 4 }');
await changed;
console.log(transport, users.policy.failureThreshold);
