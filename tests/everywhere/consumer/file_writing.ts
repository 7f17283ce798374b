import { createProvider, getDefaultConfig } from "@switchgear/breaker";
import { fileBackend, fileLastKnownGood } from "@switchgear/breaker/file";

const backend = fileBackend("./written");
const config = getDefaultConfig("im-gateway", "development");
await using provider = await createProvider(config, {
  backend,
  lastKnownGood: fileLastKnownGood("./written/state/last-known-good.json"),
});
const users = provider.getBreaker("users");
const changed = new Promise<void>((resolve) => users.on("policyChange", () => resolve()));
await backend.put(config.policiesPath, "users", '{ "failureThreshold": 9 }');
await changed;
console.log(users.policy.failureThreshold);
