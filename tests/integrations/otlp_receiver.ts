import root from "npm:@opentelemetry/otlp-transformer@0.208.0/build/src/generated/root.js";

/** Attributes, as they arrived. */
export type Attributes = Readonly<Record<string, unknown>>;

/** A value of a metric, as it arrived. */
export interface ReceivedPoint {
  readonly metric: string;
  readonly unit: string;
  /** Of the instrument: what it becomes on the wire. */
  readonly kind: "counter" | "up-down" | "gauge" | "histogram";
  /** The number; of a histogram the count. */
  readonly value: number;
  readonly attributes: Attributes;
}

/** An event of a span, as it arrived. */
export interface ReceivedEvent {
  readonly span: string;
  readonly event: string;
  readonly attributes: Attributes;
}

interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: number;
  readonly doubleValue?: number;
}

interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

interface DataPoint {
  readonly attributes: readonly KeyValue[];
  readonly asInt?: number;
  readonly asDouble?: number;
  readonly count?: number;
}

interface Points {
  readonly dataPoints: readonly DataPoint[];
}

interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: Points & { readonly isMonotonic: boolean };
  readonly gauge?: Points;
  readonly histogram?: Points;
}

interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

interface Span {
  readonly name: string;
  readonly events: readonly { readonly name: string; readonly attributes: readonly KeyValue[] }[];
}

interface TraceRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

/** A message type of OpenTelemetry's protocol, as protobufjs compiles it. */
interface MessageType<T> {
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): T;
}

const COLLECTOR = "opentelemetry.proto.collector";
const METRICS = messageType<MetricsRequest>(`${COLLECTOR}.metrics.v1.ExportMetricsServiceRequest`);
const TRACES = messageType<TraceRequest>(`${COLLECTOR}.trace.v1.ExportTraceServiceRequest`);

/** Receives what is sent by OTLP over HTTP, and reads it by OpenTelemetry's own protobuf schema. */
export class OtlpReceiver implements AsyncDisposable {
  readonly endpoint: string;
  readonly #points = new Map<string, ReceivedPoint>();
  readonly events: ReceivedEvent[] = [];
  /** Everything that arrived, as text in which strings can be searched. */
  raw = "";
  #arrived = Promise.withResolvers<void>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#receive(request));
    this.endpoint = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** The newest value of each series of this package. */
  get points(): ReceivedPoint[] {
    return [...this.#points.values()];
  }

  /** Resolves once what has arrived is as `isThere` wants it. */
  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await this.#arrived.promise;
  }

  /** The values of a metric by the value of one of its attributes. */
  values(metric: string, by: string, where: Attributes = {}): Record<string, number> {
    const chosen = this.points.filter(({ metric: name, attributes }) =>
      name === metric && Object.entries(where).every(([key, value]) => attributes[key] === value)
    );
    return Object.fromEntries(chosen.map(({ attributes, value }) => [attributes[by], value]));
  }

  async #receive(request: Request): Promise<Response> {
    const bytes = await request.bytes();
    this.raw += new TextDecoder().decode(bytes);
    const { pathname } = new URL(request.url);
    if (pathname === "/v1/metrics") this.#keep(pointsOf(read(METRICS, bytes)));
    if (pathname === "/v1/traces") this.events.push(...eventsOf(read(TRACES, bytes)));
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
    return new Response(new Uint8Array(), {
      headers: { "content-type": "application/x-protobuf" },
    });
  }

  #keep(points: readonly ReceivedPoint[]): void {
    for (const point of points) {
      if (!point.metric.startsWith("switchgear.")) continue; // Deno's own
      this.#points.set(JSON.stringify([point.metric, point.attributes]), point);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function messageType<T>(path: string): MessageType<T> {
  let found: unknown = root;
  for (const part of path.split(".")) {
    found = typeof found === "object" && found !== null ? Reflect.get(found, part) : undefined;
  }
  if (isMessageType<T>(found)) return found;
  throw new Error(`OpenTelemetry's schema has no ${path}`);
}

function isMessageType<T>(value: unknown): value is MessageType<T> {
  return typeof value === "function" && "decode" in value && "toObject" in value;
}

function read<T>(type: MessageType<T>, bytes: Uint8Array): T {
  return type.toObject(type.decode(bytes), { longs: Number, arrays: true, defaults: false });
}

function pointsOf({ resourceMetrics }: MetricsRequest): ReceivedPoint[] {
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) => metrics)
  );
  return metrics.flatMap(({ name, unit, sum, gauge, histogram }) =>
    [...sum?.dataPoints ?? [], ...gauge?.dataPoints ?? [], ...histogram?.dataPoints ?? []].map(
      ({ attributes, asInt, asDouble, count }) => ({
        metric: name,
        unit,
        kind: sum !== undefined
          ? sum.isMonotonic ? "counter" as const : "up-down" as const
          : gauge !== undefined
          ? "gauge" as const
          : "histogram" as const,
        value: asInt ?? asDouble ?? count ?? 0,
        attributes: attributesOf(attributes),
      }),
    )
  );
}

function eventsOf({ resourceSpans }: TraceRequest): ReceivedEvent[] {
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  return spans.flatMap(({ name: span, events }) =>
    events.map(({ name, attributes }) => ({
      span,
      event: name,
      attributes: attributesOf(attributes),
    }))
  );
}

function attributesOf(pairs: readonly KeyValue[]): Attributes {
  return Object.fromEntries(
    pairs.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.intValue ?? value.doubleValue,
    ]),
  );
}
