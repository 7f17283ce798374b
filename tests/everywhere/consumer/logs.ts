import { createProvider, getDefaultConfig } from "@switchgear/breaker";
import { withTrace, withTraceId } from "@switchgear/breaker/logs";
import { memoryBackend } from "@switchgear/breaker/memory";

const lines: unknown[] = [];
const say = (message: string, fields?: Record<string, unknown>): void => {
  lines.push(message.startsWith("Breaker") ? fields?.["trace_id"] : undefined);
};
await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
  backend: memoryBackend({ users: { failureThreshold: 1 } }),
  logger: withTrace({ debug: say, info: say, warn: say, error: say }),
});
const users = provider.getBreaker("users");
const fail = (): Promise<never> => Promise.reject(new Error("down"));
await withTraceId("4bf92f35", () => users.do(fail).catch(() => {}));
console.log(lines.includes("4bf92f35"));
