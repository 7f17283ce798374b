/**
 * The service of the telemetry example: it calls a dependency that fails for a second, exports
 * metrics and spans by Deno's own exporter, and serves the same metrics to Prometheus. Says `done`
 * when its calls are made, and ends with its standard input.
 */
import { trace } from "npm:@opentelemetry/api@1.9.0";
import { memoryBackend } from "../../backends/memory.ts";
import { withTrace } from "../../integrations/logs/mod.ts";
import { createTelemetry } from "../../integrations/otel/mod.ts";
import { createPrometheus } from "../../integrations/prometheus/mod.ts";
import { createProvider, getDefaultConfig } from "../../mod.ts";

const REQUESTS = 60;
const PAUSE_MS = 50;
const LOOPBACK = { hostname: "127.0.0.1", port: 0, onListen: () => {} };

/** The log: a line each, with the trace that it belongs to. */
const logger = withTrace({
  debug: () => {},
  info: (message, fields) => console.log(`  ${message} (${describe(fields)})`),
  warn: (message, fields) => console.log(`  ${message} (${describe(fields)})`),
  error: (message, fields) => console.log(`  ${message} (${describe(fields)})`),
});

let requests = 0;
await using dependency = Deno.serve(LOOPBACK, () => {
  const isDown = requests > REQUESTS / 6 && requests < REQUESTS / 2;
  return new Response("Ada", { status: isDown ? 503 : 200 });
});
await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
  backend: memoryBackend({
    default: { failureThreshold: 3, openStateTimeout: "500ms", successThreshold: 2 },
  }),
  logger,
});
using _telemetry = createTelemetry(provider, { spanEvents: "all" });
using prometheus = createPrometheus(provider);
await using metrics = Deno.serve(LOOPBACK, prometheus.handle);
console.log(`metrics at http://127.0.0.1:${metrics.addr.port}/metrics`);

const users = provider.getBreaker("http:user-service");
const tracer = trace.getTracer("example");
for (; requests < REQUESTS; requests++) {
  await tracer.startActiveSpan("GET /users/7", async (span) => {
    await users.do(getUser).catch(() => {});
    span.end();
  });
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
console.log("done");
for await (const _ of Deno.stdin.readable);

async function getUser(signal: AbortSignal | undefined): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${dependency.addr.port}/users/7`, {
    ...(signal && { signal }),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`status ${response.status}`);
  return body;
}

function describe(fields: Record<string, unknown> = {}): string {
  return ["service", "trace_id"].filter((name) => name in fields)
    .map((name) => `${name} ${fields[name]}`).join(", ");
}
