/** What an instrument is created with. */
export interface InstrumentOptions {
  /** As UCUM writes it. */
  readonly unit: string;
  /** One sentence for people. */
  readonly description: string;
  /** Where a histogram's buckets end; an SDK that does not know of it leaves it unread. */
  readonly advice?: { readonly explicitBucketBoundaries: number[] };
}

/** Attributes of a metric. */
export type MetricAttributes = Record<string, string | boolean>;

/** Takes what instruments read. */
export interface MetricObserver {
  /** Takes one value of an instrument. */
  observe(instrument: object, value: number, attributes?: MetricAttributes): void;
}

/** Takes durations. */
export interface DurationHistogram {
  /** Takes one. */
  record(value: number, attributes?: MetricAttributes): void;
}

/** A meter as far as it is used here: that of any version of `@opentelemetry/api` with metrics fits. */
export interface TelemetryMeter {
  /** Creates an instrument that reads a counter. */
  createObservableCounter(name: string, options: InstrumentOptions): object;
  /** Creates an instrument that reads what may be added up, and falls too. */
  createObservableUpDownCounter(name: string, options: InstrumentOptions): object;
  /** Creates an instrument that reads what may not be added up. */
  createObservableGauge(name: string, options: InstrumentOptions): object;
  /** Creates an instrument that is told durations. */
  createHistogram(name: string, options: InstrumentOptions): DurationHistogram;
  /** Calls `callback` for all `instruments` at once whenever they are to be read. */
  addBatchObservableCallback(
    callback: (observer: MetricObserver) => void,
    instruments: object[],
  ): void;
  /** Ends that. */
  removeBatchObservableCallback(
    callback: (observer: MetricObserver) => void,
    instruments: object[],
  ): void;
}

/** What gives meters. */
export interface TelemetryMeterProvider {
  /** The meter of a name. */
  getMeter(name: string): TelemetryMeter;
}
