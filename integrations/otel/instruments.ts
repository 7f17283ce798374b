import {
  BREAKER_MEASURES,
  type Measure,
  PROVIDER_MEASURES,
  readMeasure,
} from "../telemetry/measures.ts";
import type { Provider } from "../../src/provider/provider.ts";
import type { Tally } from "../telemetry/tally.ts";
import { breakerAttributes } from "./attributes.ts";
import type { MetricAttributes, MetricObserver, TelemetryMeter } from "../telemetry/meter.ts";

/** What instruments read. */
export interface InstrumentSources {
  readonly meter: TelemetryMeter | undefined;
  readonly provider: Provider;
  readonly tally: Tally;
  /** Stand on every value. */
  readonly attributes: MetricAttributes;
}

/** Lets a meter read everything whenever it collects, all in one reading, and returns what ends that. */
export function observe({ meter, provider, tally, attributes }: InstrumentSources): () => void {
  if (meter === undefined) return () => {};
  const ofBreakers = BREAKER_MEASURES.map((measure) => new Instrument(meter, measure));
  const ofProvider = PROVIDER_MEASURES.map((measure) => new Instrument(meter, measure));
  const instruments = [...ofBreakers, ...ofProvider].map(({ observable }) => observable);
  const collect = (observer: MetricObserver): void => {
    for (const series of tally.read()) {
      const own = { ...attributes, ...breakerAttributes(series.label) };
      for (const instrument of ofBreakers) instrument.observe(observer, series, own);
    }
    const status = provider.configStatus();
    for (const instrument of ofProvider) instrument.observe(observer, status, attributes);
  };
  meter.addBatchObservableCallback(collect, instruments);
  return () => meter.removeBatchObservableCallback(collect, instruments);
}

class Instrument<Source> {
  readonly observable: object;
  readonly #measure: Measure<Source>;

  constructor(meter: TelemetryMeter, measure: Measure<Source>) {
    this.#measure = measure;
    this.observable = createObservable(meter, measure);
  }

  observe(observer: MetricObserver, source: Source, attributes: MetricAttributes): void {
    for (const { value, position } of readMeasure(this.#measure, source, "attribute")) {
      observer.observe(this.observable, value, { ...attributes, ...position });
    }
  }
}

function createObservable<Source>(
  meter: TelemetryMeter,
  { name, kind, unit, description }: Measure<Source>,
): object {
  switch (kind) {
    case "counter":
      return meter.createObservableCounter(name, { unit, description });
    case "up-down":
      return meter.createObservableUpDownCounter(name, { unit, description });
    case "gauge":
      return meter.createObservableGauge(name, { unit, description });
  }
}
