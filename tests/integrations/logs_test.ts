import { configure, getLogger, type LogRecord, reset } from "npm:@logtape/logtape@2.4.2";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { pino } from "npm:pino@10.4.0";
import { memoryBackend } from "../../backends/memory.ts";
import {
  logTapeLogger,
  pinoLogger,
  traceFields,
  withTrace,
  withTraceId,
} from "../../integrations/logs/mod.ts";
import { createProvider, getDefaultConfig, type Logger, type Provider } from "../../mod.ts";
import { denoCommand } from "../programs/deno_command.ts";
import { KeptLog } from "../support/kept_log.ts";
import { MemoryTracing } from "./otel_support.ts";

const CONFIG = getDefaultConfig("im-gateway", "production");
const BRACES = "/users/{id}/{{x}} 100%";
const fail = (): Promise<string> => Promise.reject(new Error("down"));

function setUp(logger: Logger): Promise<Provider> {
  const backend = memoryBackend({ default: { failureThreshold: 1 } });
  return createProvider(CONFIG, { backend, logger });
}

/** Opens a breaker within a trace. */
async function openWithin(provider: Provider, trace: string, name: string): Promise<void> {
  await withTraceId(trace, () => provider.getBreaker(name).do(fail)).catch(() => {});
}

Deno.test("withTraceId holds for everything that its function does and awaits, and no longer", async () => {
  const seen = await withTraceId("a", async () => {
    const first = traceFields();
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    return [first, traceFields()];
  });
  assert.deepEqual([...seen, traceFields()], [{ trace_id: "a" }, { trace_id: "a" }, undefined]);
});

Deno.test("concurrent traces keep apart, and an inner one ends with its function", async () => {
  const request = async (id: string) => {
    await Promise.resolve();
    const inner = withTraceId(`${id}-inner`, traceFields);
    await Promise.resolve();
    return [inner?.trace_id, traceFields()?.trace_id];
  };
  const seen = await Promise.all(["a", "b"].map((id) => withTraceId(id, () => request(id))));
  assert.deepEqual(seen, [["a-inner", "a"], ["b-inner", "b"]]);
});

Deno.test("withTraceId hands on what its function returns or throws", () => {
  assert.equal(withTraceId("a", () => 42), 42);
  assert.throws(() =>
    withTraceId("a", () => {
      throw new RangeError("no");
    }), RangeError);
  assert.equal(traceFields(), undefined);
});

Deno.test("an id is text: an empty one is none, a long one is cut", () => {
  assert.equal(withTraceId("", traceFields), undefined);
  assert.equal(withTraceId("x".repeat(1_000_000), traceFields)?.trace_id.length, 256);
  const wrong = { name: "TypeError", message: /"id" must be a text, received null/ };
  assert.throws(() => Reflect.apply(withTraceId, undefined, [null, traceFields]), wrong);
});

Deno.test("the active span of OpenTelemetry comes before an id of withTraceId", () => {
  using tracing = new MemoryTracing();
  tracing.tracer.startActiveSpan("request", (span) => {
    const { traceId, spanId } = span.spanContext();
    const fields = withTraceId("a", traceFields);
    assert.deepEqual(fields, { trace_id: traceId, span_id: spanId });
    span.end();
  });
  assert.deepEqual(withTraceId("a", traceFields), { trace_id: "a" });
});

Deno.test("withTrace adds the trace to the fields of every level, and outside one nothing", () => {
  const log = new KeptLog();
  const logger = withTrace(log);
  withTraceId("a", () => {
    logger.debug("d", { n: 1 });
    logger.info("i");
    logger.warn("w");
    logger.error("e");
  });
  logger.info("outside", { n: 2 });
  assert.deepEqual(log.lines, ["debug: d", "info: i", "warn: w", "error: e", "info: outside"]);
  const trace = { trace_id: "a" };
  assert.deepEqual(log.fields, [{ n: 1, ...trace }, trace, trace, trace, { n: 2 }]);
});

Deno.test("a logger that throws or rejects harms nothing", async () => {
  const logger = withTrace({
    debug: () => Promise.reject(new Error("no disk")),
    info: () => {
      throw new Error("no disk");
    },
    warn: () => {},
    error: () => {},
  });
  logger.debug("d");
  logger.info("i");
  await Promise.resolve(); // an unhandled rejection would fail the test
});

Deno.test("the line that says that a breaker opened tells which request opened it", async () => {
  const log = new KeptLog();
  await using provider = await setUp(withTrace(log));
  await openWithin(provider, "4bf92f35", "users");
  assert.match(log.lines.at(-1) ?? "", /^warn: Breaker "users" is open/);
  assert.deepEqual(log.fields.at(-1), {
    service: "im-gateway",
    breaker: "users",
    from: "closed",
    to: "open",
    cause: "tripped",
    trace_id: "4bf92f35",
  });
});

Deno.test("console: one line, the name as it is but for control characters, the fields after it", async () => {
  const program = fileURLToPath(new URL("logs_console.ts", import.meta.url));
  const { stderr } = await denoCommand({
    args: ["run", "-A", "--quiet", program],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.equal(
    new TextDecoder().decode(stderr),
    `Breaker "/files/%s%d%c\\u000a100%" is open: failureThreshold 1 reached 1, last failure Error: down {
  service: "im-gateway",
  breaker: "/files/%s%d%c\\n100%",
  from: "closed",
  to: "open",
  cause: "tripped",
  trace_id: "4bf92f35"
}
`,
  );
});

/** Sets LogTape up to keep its records while `body` runs. */
async function withLogTape(body: (records: LogRecord[]) => Promise<void>): Promise<void> {
  const records: LogRecord[] = [];
  await configure({
    sinks: { kept: (record) => void records.push(record) },
    loggers: [
      { category: "app", sinks: ["kept"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], lowestLevel: "fatal" },
    ],
  });
  try {
    await body(records);
  } finally {
    await reset();
  }
}

Deno.test("LogTape: its loggers fit as they are", async () => {
  await withLogTape(async (records) => {
    await using provider = await setUp(withTrace(getLogger("app")));
    await openWithin(provider, "4bf92f35", "users");
    const record = records.at(-1);
    assert.equal(record?.level, "warning");
    assert.match(record?.message.join("") ?? "", /^Breaker "users" is open: failureThreshold/);
    assert.equal(record?.properties["service"], "im-gateway");
    assert.equal(record?.properties["trace_id"], "4bf92f35");
  });
});

Deno.test("LogTape: logTapeLogger keeps the braces of a name", async () => {
  await withLogTape(async (records) => {
    await using provider = await setUp(withTrace(logTapeLogger(getLogger("app"))));
    await openWithin(provider, "4bf92f35", BRACES);
    assert.equal(
      records.at(-1)?.message.join(""),
      `Breaker "${BRACES}" is open: failureThreshold 1 reached 1, last failure Error: down`,
    );
    assert.equal(records.at(-1)?.properties["breaker"], BRACES);
  });
});

/** A pino logger whose lines are kept as the objects that they are. */
function keptPino(): { logger: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  return { logger: pinoLogger(pino({ level: "debug" }, { write })), lines };
}

Deno.test("pino: fields stand beside the message, at pino's own levels", async () => {
  const { logger, lines } = keptPino();
  await using provider = await setUp(withTrace(logger));
  await openWithin(provider, "4bf92f35", BRACES);
  const { time: _time, pid: _pid, hostname: _hostname, ...line } = lines.at(-1) ?? {};
  assert.deepEqual(line, {
    level: 40,
    service: "im-gateway",
    breaker: BRACES,
    from: "closed",
    to: "open",
    cause: "tripped",
    trace_id: "4bf92f35",
    msg: `Breaker "${BRACES}" is open: failureThreshold 1 reached 1, last failure Error: down`,
  });
});

Deno.test("pino: an error is written with message and stack", () => {
  const { logger, lines } = keptPino();
  logger.error("a listener failed", { error: new RangeError("no") });
  const err = lines[0]?.["err"];
  assert(typeof err === "object" && err !== null);
  assert.deepEqual([Reflect.get(err, "type"), Reflect.get(err, "message")], ["RangeError", "no"]);
});

const ADAPTERS = { withTrace, pinoLogger, logTapeLogger };

for (const [name, adapt] of Object.entries(ADAPTERS)) {
  Deno.test(`${name} refuses what is no logger`, () => {
    for (const wrong of [undefined, "console", { warn: () => {} }]) {
      assert.throws(() => Reflect.apply(adapt, undefined, [wrong]), {
        name: "TypeError",
        message: /^Cannot .*"logger(\.debug)?" must be/,
      });
    }
  });
}
