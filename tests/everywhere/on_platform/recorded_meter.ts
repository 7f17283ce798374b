import type {
  DurationHistogram,
  InstrumentOptions,
  MetricAttributes,
  MetricObserver,
  TelemetryMeter,
} from "@switchgear/breaker/otel";

/** One value of an instrument. */
export interface RecordedValue {
  readonly value: number;
  readonly attributes: MetricAttributes | undefined;
}

/** A meter that is read by hand. */
export class RecordedMeter implements TelemetryMeter {
  readonly #callbacks = new Set<(observer: MetricObserver) => void>();

  createObservableCounter(name: string, _options: InstrumentOptions): object {
    return { name };
  }

  createObservableUpDownCounter(name: string, _options: InstrumentOptions): object {
    return { name };
  }

  createObservableGauge(name: string, _options: InstrumentOptions): object {
    return { name };
  }

  createHistogram(_name: string, _options: InstrumentOptions): DurationHistogram {
    return { record: () => {} };
  }

  addBatchObservableCallback(callback: (observer: MetricObserver) => void): void {
    this.#callbacks.add(callback);
  }

  removeBatchObservableCallback(callback: (observer: MetricObserver) => void): void {
    this.#callbacks.delete(callback);
  }

  /** What the instrument called `name` says now. */
  read(name: string): RecordedValue[] {
    const values: RecordedValue[] = [];
    const observer: MetricObserver = {
      observe: (instrument, value, attributes) => {
        if (Reflect.get(instrument, "name") === name) values.push({ value, attributes });
      },
    };
    for (const callback of this.#callbacks) callback(observer);
    return values;
  }
}
