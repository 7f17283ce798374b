import { OptionsCheck } from "../../src/check/check_options.ts";
import type { Provider } from "../../src/provider/provider.ts";
import {
  BREAKER_MEASURES,
  type Measure,
  PROVIDER_MEASURES,
  readMeasure,
} from "../telemetry/measures.ts";
import { DEFAULT_MAX_NAMES, Tally } from "../telemetry/tally.ts";
import type { Series } from "../telemetry/totals.ts";
import { acceptedFormat } from "./accepted_format.ts";
import { CONTENT_TYPES, ENDS, type ExpositionFormat, family, type Sample } from "./exposition.ts";

/** What {@linkcode createPrometheus} takes. */
export interface PrometheusOptions {
  /**
   * Names of breakers that have series of their own: the first ones, and until
   * their breakers are gone. All others share those with the label
   * `otel_metric_overflow`, but for breakers that are not closed: each of those
   * has its own, also beyond this number. With 0 no name is ever told.
   *
   * @default 400
   */
  maxBreakerNames?: number | undefined;
}

const FORMATS: readonly ExpositionFormat[] = ["text", "openmetrics"];

/** The metrics of a provider's breakers as text, until it is closed. */
export class Prometheus implements Disposable {
  readonly #provider: Provider;
  readonly #tally: Tally;

  /** Created by {@linkcode createPrometheus}. */
  constructor(provider: Provider, { maxBreakerNames = DEFAULT_MAX_NAMES }: PrometheusOptions) {
    this.#provider = provider;
    this.#tally = new Tally(provider, maxBreakerNames);
  }

  /**
   * The metrics now.
   *
   * @param format Prometheus's own text (0.0.4), or OpenMetrics (1.0.0). @default "text"
   */
  text(format: ExpositionFormat = "text"): string {
    new OptionsCheck("write Prometheus metrics").oneOf("format", format, FORMATS);
    const series = this.#tally.read();
    const status = this.#provider.configStatus();
    const ofBreakers = BREAKER_MEASURES.map((measure) =>
      family(measure, series.flatMap((own) => samplesOf(measure, own, breakerLabels(own))), format)
    );
    const ofProvider = PROVIDER_MEASURES.map((measure) =>
      family(measure, samplesOf(measure, status, {}), format)
    );
    return [...ofBreakers, ...ofProvider, ENDS[format]].join("");
  }

  /**
   * Answers a scrape, in the format that its `Accept` header asks for. A method
   * of no use here gets 405. Can be handed on as it is: it needs no `this`.
   */
  readonly handle = (request: Request): Response => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("Only GET and HEAD are answered here.\n", {
        status: 405,
        headers: { allow: "GET, HEAD" },
      });
    }
    const format = acceptedFormat(request.headers.get("accept"));
    const headers = { "content-type": CONTENT_TYPES[format], vary: "accept" };
    const body = this.text(format);
    return new Response(request.method === "HEAD" ? null : body, { headers });
  };

  /** Stops counting transitions; what was counted can still be read. */
  close(): void {
    this.#tally[Symbol.dispose]();
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * The metrics of a provider's breakers for Prometheus. They are read from what
 * the breakers count anyway when somebody asks; a call costs nothing more.
 *
 * | metric | told apart by |
 * | --- | --- |
 * | `switchgear_breaker_state` | `state`: 1 for the state of the breaker, 0 for the others |
 * | `switchgear_breaker_calls_total` | `outcome`: `success`, `failure`, `timeout`, `ignored` |
 * | `switchgear_breaker_rejections_total` | `reason`: `open`, `held`, `probing`, `ramping`, `forced` |
 * | `switchgear_breaker_transitions_total` | `state`: the one entered |
 * | `switchgear_breaker_slow_calls_total` | |
 * | `switchgear_breaker_stale_calls_total` | |
 * | `switchgear_breaker_overdue_probes_total` | |
 * | `switchgear_breaker_holds_total` | |
 * | `switchgear_breaker_would_open_total` | |
 * | `switchgear_policy_refused_documents` | |
 * | `switchgear_policy_feed_state` | `state`: `loading`, `fresh`, `stale`, `closed` |
 * | `switchgear_policy_feed_staleness_seconds` | |
 * | `switchgear_policy_feed_attempts_total` | |
 *
 * Those of breakers have the label `breaker`, or `otel_metric_overflow` for
 * closed ones beyond `maxBreakerNames`. No counter falls from one reading to the
 * next: what a breaker has counted stays when it is forgotten, except for what
 * came after the last reading. A series that was given back and comes later
 * begins at 0. Transitions count from here on. Durations are not among them, because no
 * breaker keeps any.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import { createPrometheus } from "@switchgear/breaker/prometheus";
 * import assert from "node:assert/strict";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
 *   backend: memoryBackend({}),
 * });
 * using prometheus = createPrometheus(provider);
 * await provider.getBreaker("users").do(() => Promise.resolve("Ada"));
 * const response = prometheus.handle(new Request("http://localhost/metrics"));
 * assert.match(
 *   await response.text(),
 *   /switchgear_breaker_calls_total\{breaker="users",outcome="success"\} 1\n/,
 * );
 * ```
 *
 * @param provider Whose breakers are reported.
 * @param options How much is reported. @default {}
 * @returns What gives the text and answers scrapes.
 * @throws {TypeError} If `provider` is none, or an option is not known or not of its form.
 * @throws {RangeError} If `maxBreakerNames` is out of range.
 */
export function createPrometheus(
  provider: Provider,
  options: PrometheusOptions = {},
): Prometheus {
  const check = new OptionsCheck("create Prometheus metrics");
  check.object("provider", provider);
  check.callable("provider.breakers", provider.breakers);
  check.known(options, OPTION_NAMES);
  const { maxBreakerNames } = options;
  if (maxBreakerNames !== undefined) {
    check.integer("maxBreakerNames", maxBreakerNames, { min: 0, max: 100_000 });
  }
  return new Prometheus(provider, options);
}

const OPTION_NAMES: readonly string[] = Object.keys(
  { maxBreakerNames: true } satisfies Record<keyof PrometheusOptions, true>,
);
const ofProviders = new WeakMap<Provider, Prometheus>();

/**
 * The metrics of a provider's breakers now, in Prometheus's text format: the
 * short form of {@linkcode createPrometheus} with its defaults. Transitions count
 * from the first call, and as long as the provider lives.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import { prometheusText } from "@switchgear/breaker/prometheus";
 * import assert from "node:assert/strict";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
 *   backend: memoryBackend({}),
 * });
 * assert.match(prometheusText(provider), /switchgear_policy_feed_state\{state="fresh"\} 1\n/);
 * ```
 *
 * @param provider Whose breakers are reported.
 * @returns The text, to be served as `text/plain; version=0.0.4`.
 * @throws {TypeError} If `provider` is none.
 */
export function prometheusText(provider: Provider): string {
  let prometheus = ofProviders.get(provider);
  if (prometheus === undefined) {
    prometheus = createPrometheus(provider);
    ofProviders.set(provider, prometheus);
  }
  return prometheus.text();
}

function breakerLabels({ label }: Series): Record<string, string> {
  return label === undefined ? { otel_metric_overflow: "true" } : { breaker: label };
}

function samplesOf<Source>(
  measure: Measure<Source>,
  source: Source,
  labels: Record<string, string>,
): Sample[] {
  return readMeasure(measure, source, "label").map(({ value, position }) => ({
    value,
    labels: { ...labels, ...position },
  }));
}
