import { createProvider, getDefaultConfig } from "@switchgear/breaker";
import { memoryBackend } from "@switchgear/breaker/memory";
import { createTelemetry } from "@switchgear/breaker/otel";

await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
  backend: memoryBackend(),
});
using _telemetry = createTelemetry(provider);
console.log(await provider.getBreaker("users").do(() => Promise.resolve("Ada")));
