import type { Breaker } from "../../src/breaker/breaker.ts";
import type { Operation } from "../../src/call/operation.ts";
import { OptionsCheck } from "../../src/check/check_options.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { type Clock, CLOCK_METHODS, systemClock } from "../../src/time/clock.ts";
import type { TelemetryMeter, TelemetryMeterProvider } from "../telemetry/meter.ts";
import { registeredMeterProvider } from "../telemetry/open_telemetry.ts";
import { DEFAULT_MAX_NAMES, Tally } from "../telemetry/tally.ts";
import { CallTimer } from "./call_timer.ts";
import { observe } from "./instruments.ts";
import { followWithSpanEvents, type SpanEvents } from "./span_events.ts";

/** What {@linkcode createTelemetry} takes. */
export interface TelemetryOptions {
  /** The meter that reads the breakers. @default the one called `switchgear` of `meterProvider` */
  meter?: TelemetryMeter | undefined;
  /** Where the meter comes from. @default the global one, as it is registered by then */
  meterProvider?: TelemetryMeterProvider | undefined;
  /** Attributes on every value, to tell providers of one process apart. @default none */
  attributes?: Readonly<Record<string, string | boolean>> | undefined;
  /**
   * Names of breakers that have a series of their own: the first ones, and until
   * their breakers are gone. All others share the series with
   * `otel.metric.overflow`, but for breakers that are not closed: each of those
   * has its own, also beyond this number. With more than 499 the SDK's own limit
   * of 2000 per metric may come first. With 0 no name is ever told.
   *
   * @default 400
   */
  maxBreakerNames?: number | undefined;
  /**
   * What becomes an event of the active span: nothing, changes of state, or
   * rejections too, which makes each refused call cost more.
   *
   * @default "state-changes"
   */
  spanEvents?: SpanEvents | undefined;
  /** What `timed` measures by. @default the system's monotonic clock */
  clock?: Clock | undefined;
}

const OPTION_NAMES: readonly string[] = Object.keys(
  {
    meter: true,
    meterProvider: true,
    attributes: true,
    maxBreakerNames: true,
    spanEvents: true,
    clock: true,
  } satisfies Record<keyof TelemetryOptions, true>,
);
const METER_NAME = "switchgear";

function meterOf(provider: TelemetryMeterProvider | undefined): TelemetryMeter | undefined {
  return provider?.getMeter(METER_NAME);
}

/** What reports the breakers of a provider to OpenTelemetry, until it is closed. */
export class Telemetry implements Disposable {
  readonly #timer: CallTimer;
  readonly #stop: readonly (() => void)[];

  /** Created by {@linkcode createTelemetry}. */
  constructor(provider: Provider, options: TelemetryOptions) {
    const { attributes = {}, clock = systemClock } = options;
    const meter = options.meter ?? meterOf(options.meterProvider ?? registeredMeterProvider());
    const tally = new Tally(provider, options.maxBreakerNames ?? DEFAULT_MAX_NAMES);
    const timer = new CallTimer({ meter, tally, attributes, clock });
    this.#timer = timer;
    this.#stop = [
      observe({ meter, provider, tally, attributes }),
      followWithSpanEvents(provider, options.spanEvents ?? "state-changes"),
      () => tally[Symbol.dispose](),
      () => timer[Symbol.dispose](),
    ];
  }

  /**
   * An operation that does the same, and whose duration is recorded in the
   * histogram `switchgear.breaker.call.duration`, in seconds; with `error.type`
   * where it failed. Breakers keep no durations, so this alone has a cost per
   * call: two readings of the clock, a promise and a record.
   *
   * @example Usage
   * ```ts
   * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
   * import { memoryBackend } from "@switchgear/breaker/memory";
   * import { createTelemetry } from "@switchgear/breaker/otel";
   * import assert from "node:assert/strict";
   *
   * await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
   *   backend: memoryBackend({}),
   * });
   * using telemetry = createTelemetry(provider);
   * const users = provider.getBreaker("users");
   * const getUser = telemetry.timed(users, (_signal) => Promise.resolve("Ada"));
   * assert.equal(await users.do(getUser), "Ada");
   * ```
   *
   * @typeParam T What the operation resolves to.
   * @param breaker The breaker that the operation will run in.
   * @param operation The operation.
   * @returns The operation to hand to the breaker.
   */
  timed<T>(breaker: Breaker, operation: Operation<T>): Operation<T> {
    return this.#timer.timed(breaker.name, operation);
  }

  /** Stops reading and listening; the breakers go on. */
  close(): void {
    for (const stop of this.#stop) stop();
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Reports the breakers of a provider to OpenTelemetry: metrics by instruments
 * that read, when a meter collects, what the breakers count anyway, and events
 * on the active span. A call costs nothing more by it.
 *
 * The SDK must have been registered before; under Deno with `OTEL_DENO=true`
 * that is so from the start.
 *
 * | metric | kind | unit | told apart by |
 * | --- | --- | --- | --- |
 * | `switchgear.breaker.state` | up-down counter | `{breaker}` | `switchgear.breaker.state`: 1 for the state of the breaker |
 * | `switchgear.breaker.calls` | counter | `{call}` | `switchgear.call.outcome`: `success`, `failure`, `timeout`, `ignored` |
 * | `switchgear.breaker.rejections` | counter | `{call}` | `switchgear.rejection.reason`: `open`, `held`, `probing`, `ramping`, `forced` |
 * | `switchgear.breaker.transitions` | counter | `{transition}` | `switchgear.breaker.state`: the one entered |
 * | `switchgear.breaker.slow_calls` | counter | `{call}` | |
 * | `switchgear.breaker.stale_calls` | counter | `{call}` | |
 * | `switchgear.breaker.overdue_probes` | counter | `{call}` | |
 * | `switchgear.breaker.holds` | counter | `{hold}` | |
 * | `switchgear.breaker.would_open` | counter | `{crossing}` | |
 * | `switchgear.breaker.call.duration` | histogram | `s` | `error.type`; only for {@linkcode Telemetry.timed} |
 * | `switchgear.policy.refused_documents` | up-down counter | `{document}` | |
 * | `switchgear.policy.feed.state` | up-down counter | `{feed}` | `switchgear.policy.feed.state`: `loading`, `fresh`, `stale`, `closed` |
 * | `switchgear.policy.feed.staleness` | gauge | `s` | |
 * | `switchgear.policy.feed.attempts` | counter | `{attempt}` | |
 *
 * Those of breakers have the attribute `switchgear.breaker.name`, or
 * `otel.metric.overflow` for closed ones beyond `maxBreakerNames`. No counter
 * falls from one reading to the next: what a breaker has counted stays when it is
 * forgotten, except for what came after the last reading. A series that was given
 * back and comes later begins at 0. Transitions count from here on. Durations are
 * recorded for {@linkcode Telemetry.timed} alone: breakers compare them with
 * `slowCallThreshold` and forget them, so that reporting them would cost each call.
 * A reading takes time in proportion to the breakers that there are.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import { createTelemetry } from "@switchgear/breaker/otel";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
 *   backend: memoryBackend({}),
 * });
 * using _telemetry = createTelemetry(provider);
 * await provider.getBreaker("users").do(() => Promise.resolve("Ada"));
 * ```
 *
 * @param provider Whose breakers are reported.
 * @param options Where to, and how much. @default {}
 * @returns What ends it when it is closed.
 * @throws {TypeError} If `provider` is none, or an option is not known or not of its form.
 * @throws {RangeError} If `maxBreakerNames` is out of range.
 */
export function createTelemetry(provider: Provider, options: TelemetryOptions = {}): Telemetry {
  const check = new OptionsCheck("create telemetry");
  check.object("provider", provider);
  check.callable("provider.breakers", provider.breakers);
  check.known(options, OPTION_NAMES);
  const { meter, meterProvider, attributes, maxBreakerNames, spanEvents, clock } = options;
  if (meter !== undefined) {
    check.object("meter", meter);
    check.callable("meter.addBatchObservableCallback", meter.addBatchObservableCallback);
  }
  if (meterProvider !== undefined) {
    check.object("meterProvider", meterProvider);
    check.callable("meterProvider.getMeter", meterProvider.getMeter);
  }
  if (attributes !== undefined) check.object("attributes", attributes);
  if (maxBreakerNames !== undefined) {
    check.integer("maxBreakerNames", maxBreakerNames, { min: 0, max: 100_000 });
  }
  if (spanEvents !== undefined) {
    check.oneOf("spanEvents", spanEvents, ["none", "state-changes", "all"]);
  }
  if (clock !== undefined) check.methods("clock", clock, CLOCK_METHODS);
  return new Telemetry(provider, options);
}
