import { context, trace, type Tracer } from "npm:@opentelemetry/api@1.9.0";
import { AsyncLocalStorageContextManager } from "npm:@opentelemetry/context-async-hooks@2.2.0";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "npm:@opentelemetry/sdk-metrics@2.2.0";
import { BasicTracerProvider, type ReadableSpan } from "npm:@opentelemetry/sdk-trace-base@2.2.0";

/** OpenTelemetry's SDK with metrics in memory, collected when the test says so. */
export class MemoryMetrics implements AsyncDisposable {
  readonly provider: MeterProvider;
  readonly #exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);

  constructor() {
    const exporter = this.#exporter;
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    this.provider = new MeterProvider({ readers: [reader] });
  }

  /** Collects, and gives each value as `name{attributes} value`, attributes in order of their names. */
  async collect(): Promise<string[]> {
    this.#exporter.reset();
    await this.provider.forceFlush();
    const metrics = this.#exporter.getMetrics().flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap((scope) => scope.metrics)
    );
    return metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => {
        const shown = Object.entries(attributes).sort().map(([key, own]) => `${key}=${own}`);
        const count = typeof value === "number" ? value : `${value.count} times, ${value.sum}`;
        return `${descriptor.name}{${shown.join(",")}} ${count}`;
      })
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.provider.shutdown();
  }
}

/** OpenTelemetry's SDK registered for the whole program, with spans in memory. */
export class MemoryTracing implements Disposable {
  readonly spans: ReadableSpan[] = [];
  readonly tracer: Tracer;

  constructor() {
    // The SDK's own exporter to memory leaves a timer behind for each span.
    const provider = new BasicTracerProvider({
      spanProcessors: [{
        onStart: () => {},
        onEnd: (span) => void this.spans.push(span),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      }],
    });
    trace.setGlobalTracerProvider(provider);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    this.tracer = trace.getTracer("test");
  }

  /** The names of the events of all spans that have ended. */
  get events(): string[] {
    return this.spans.flatMap(({ events }) => events.map(({ name }) => name));
  }

  [Symbol.dispose](): void {
    context.disable();
    trace.disable();
  }
}
