/**
 * A service whose dependency fails for a second, seen three ways: by its log, whose lines name the
 * trace; by OpenTelemetry, exported by Deno itself to a collector; and by Prometheus.
 *
 * Run it from a clone: `deno run -A examples/telemetry.ts`. It takes about 4 s.
 *
 * Exit status: 0 all three told the same; 1 they did not; 2 wrong usage.
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { startExample } from "./start_example.ts";
import { Collector } from "./telemetry/collector.ts";

const SERVICE = fileURLToPath(new URL("telemetry/service.ts", import.meta.url));
const BREAKER = "http:user-service";
const DEADLINE_MS = 10_000;
const ROWS: readonly (readonly [metric: string, label: string, position: string])[] = [
  ["calls", "outcome", "success"],
  ["calls", "outcome", "failure"],
  ["rejections", "reason", "open"],
  ["transitions", "state", "open"],
  ["transitions", "state", "half-open"],
  ["transitions", "state", "closed"],
];

await startExample("telemetry", show);

/** Shows the outage three ways, and gives 0 if all tell the same. */
async function show(): Promise<number> {
  await using collector = new Collector();
  write("The service's log:");
  const text = await runService(collector);
  const rows = ROWS.map(([metric, label, position]) => ({
    what: `${metric} ${position}`,
    otel: collector.value(`switchgear.breaker.${metric}`, BREAKER, position) ??
      collector.value(`switchgear.breaker.${metric}`, position, BREAKER),
    prometheus: sample(text, metric, `{breaker="${BREAKER}",${label}="${position}"}`),
  }));
  write("\nWhat arrived                 OpenTelemetry   Prometheus");
  for (const { what, otel, prometheus } of rows) {
    write(`  ${what.padEnd(24)} ${`${otel}`.padStart(15)} ${`${prometheus}`.padStart(12)}`);
  }
  write("\nEvents on spans");
  for (const [event, count] of collector.events) write(`  ${event.padEnd(36)} ${count}`);
  const agree = rows.every(({ otel, prometheus }) => otel !== undefined && otel === prometheus);
  const opened = rows.some(({ what, otel }) => what === "transitions open" && (otel ?? 0) > 0);
  const isSeen = collector.events.has("switchgear.breaker.state_change");
  write(agree && opened && isSeen ? "\nAll three tell the same." : "\nThey do not tell the same.");
  return agree && opened && isSeen ? 0 : 1;
}

/** Runs the service to its end, and gives what it told Prometheus after its last call. */
async function runService(collector: Collector): Promise<string> {
  await using service = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", SERVICE],
    env: {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_SERVICE_NAME: "im-gateway",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: "200",
      NO_COLOR: "1",
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let metricsUrl = "";
  let text = "";
  for await (const line of linesOf(service.stdout)) {
    if (line.startsWith("metrics at ")) metricsUrl = line.slice("metrics at ".length);
    else if (line !== "done") write(line);
    else {
      text = await (await fetch(metricsUrl)).text();
      await untilExported(collector, text);
      await service.stdin.close();
    }
  }
  await service.status;
  return text;
}

/** Waits for the export after the last call; there is no word of it but the export itself. */
async function untilExported(collector: Collector, text: string): Promise<void> {
  const successes = sample(text, "calls", `{breaker="${BREAKER}",outcome="success"}`);
  const names = [[BREAKER, "success"], ["success", BREAKER]];
  const deadline = performance.now() + DEADLINE_MS;
  while (performance.now() < deadline) {
    const seen = names.map((own) => collector.value("switchgear.breaker.calls", ...own));
    if (seen.includes(successes)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The value of a line of Prometheus's text. */
function sample(text: string, metric: string, labels: string): number | undefined {
  const start = `switchgear_breaker_${metric}_total${labels} `;
  const line = text.split("\n").find((candidate) => candidate.startsWith(start));
  return line === undefined ? undefined : Number(line.slice(start.length));
}

async function* linesOf(output: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of output.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
