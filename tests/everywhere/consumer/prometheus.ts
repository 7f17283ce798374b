import { createProvider, getDefaultConfig } from "@switchgear/breaker";
import { memoryBackend } from "@switchgear/breaker/memory";
import { createPrometheus } from "@switchgear/breaker/prometheus";

await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
  backend: memoryBackend(),
});
using prometheus = createPrometheus(provider);
await provider.getBreaker("users").do(() => Promise.resolve("Ada"));
const text = await (await prometheus.handle(new Request("http://localhost/metrics"))).text();
console.log(text.match(/^switchgear_breaker_calls_total\{.*outcome="success".*$/m)?.[0]);
