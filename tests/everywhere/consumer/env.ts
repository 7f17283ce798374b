import { createProvider, getDefaultConfig } from "@switchgear/breaker";
import { envBackend } from "@switchgear/breaker/env";

await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
  backend: envBackend(),
});
console.log(provider.getBreaker("users").policy.failureThreshold);
