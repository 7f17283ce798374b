/** The program whose console a test reads. */
import { memoryBackend } from "../../backends/memory.ts";
import { withTrace, withTraceId } from "../../integrations/logs/mod.ts";
import { createProvider, getDefaultConfig } from "../../mod.ts";

await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
  backend: memoryBackend({ default: { failureThreshold: 1 } }),
  logger: withTrace(console),
});
await withTraceId("4bf92f35", async () => {
  const breaker = provider.getBreaker("/files/%s%d%c\n100%");
  await breaker.do(() => Promise.reject(new Error("down"))).catch(() => {});
});
