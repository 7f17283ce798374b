import { createProvider, getDefaultConfig } from "@switchgear/breaker";
import { fileBackend } from "@switchgear/breaker/file";

await using provider = await createProvider(getDefaultConfig("im-gateway", "development"), {
  backend: fileBackend("./policies"),
});
console.log(provider.getBreaker("users").policy.failureThreshold, provider.status().backend.state);
