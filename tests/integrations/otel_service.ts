/** The program that a test runs under Deno's own exporter, whose environment tells it where to export; ends with its standard input. */
import { trace } from "npm:@opentelemetry/api@1.9.0";
import { memoryBackend } from "../../backends/memory.ts";
import { createTelemetry } from "../../integrations/otel/mod.ts";
import { createProvider, getDefaultConfig } from "../../mod.ts";

const backend = memoryBackend({
  default: { failureThreshold: 2, openStateTimeout: "1h" },
  broken: "no policy",
});
await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
  backend,
  logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
});
using telemetry = createTelemetry(provider, { maxBreakerNames: 2, spanEvents: "all" });
const users = provider.getBreaker("/user.UserService/用户");
await trace.getTracer("test").startActiveSpan("handle request", async (span) => {
  await users.do(telemetry.timed(users, () => Promise.resolve("Ada")));
  for (let i = 0; i < 2; i++) {
    await users.do(() => Promise.reject(new Error("down"))).catch(() => {});
  }
  await users.do(() => Promise.resolve("Ada")).catch(() => {});
  span.end();
});
await provider.getBreaker("postgres://ada:hunter2@db/users").do(() => Promise.resolve("Ada"));
for (let i = 0; i < 10; i++) await provider.getBreaker(`/users/${i}`).do(() => Promise.resolve(i));
// Deno collects at intervals, and no more while it exits: the test ends the program when it has seen enough.
for await (const _ of Deno.stdin.readable);
