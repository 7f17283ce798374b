import { createProvider, getDefaultConfig } from "@switchgear/breaker";
import { memoryBackend } from "@switchgear/breaker/memory";

const backend = memoryBackend({ users: { failureThreshold: 3 } });
const config = getDefaultConfig("im-gateway", "development");
await using provider = await createProvider(config, { backend });
const users = provider.getBreaker("users");
const before = users.policy.failureThreshold;
const changed = new Promise<void>((resolve) => users.on("policyChange", () => resolve()));
backend.set(config.policiesPath, "users", { failureThreshold: 7 });
await changed;
console.log(before, users.policy.failureThreshold);
