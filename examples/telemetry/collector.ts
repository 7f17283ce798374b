interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string | number };
}

interface DataPoint {
  readonly attributes?: readonly KeyValue[];
  readonly asInt?: string | number;
  readonly asDouble?: number;
}

interface Exported {
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly sum?: { readonly dataPoints: readonly DataPoint[] };
        readonly gauge?: { readonly dataPoints: readonly DataPoint[] };
      }[];
    }[];
  }[];
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string;
        readonly events?: readonly { readonly name: string }[];
      }[];
    }[];
  }[];
}

/** Takes what is exported by OTLP over HTTP as JSON, as a real collector would. */
export class Collector implements AsyncDisposable {
  readonly endpoint: string;
  /** How often each kind of event was on a span. */
  readonly events = new Map<string, number>();
  readonly #values = new Map<string, number>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, async (request) => {
      this.#take(await request.json());
      return Response.json({});
    });
    this.endpoint = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** The newest value of a metric of this package, its attributes' values after its name. */
  value(metric: string, ...attributes: string[]): number | undefined {
    return this.#values.get([metric, ...attributes].join(" "));
  }

  #take({ resourceMetrics = [], resourceSpans = [] }: Exported): void {
    for (const { scopeMetrics } of resourceMetrics) {
      for (const { name, sum, gauge } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        for (const point of (sum ?? gauge)?.dataPoints ?? []) {
          const values = (point.attributes ?? []).map(({ value }) => value.stringValue ?? "");
          this.#values.set([name, ...values].join(" "), Number(point.asInt ?? point.asDouble ?? 0));
        }
      }
    }
    for (const { scopeSpans } of resourceSpans) {
      for (const { events = [] } of scopeSpans.flatMap(({ spans }) => spans)) {
        for (const { name } of events) this.events.set(name, (this.events.get(name) ?? 0) + 1);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
