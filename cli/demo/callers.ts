import type { Breaker } from "../../src/breaker/breaker.ts";
import { BreakerOpenError } from "../../src/breaker/rejection.ts";
import { parseDuration } from "../../src/time/duration.ts";
import { callService, steadily, withTimeLimit } from "./calls.ts";
import { type Ending, Ledger, type Side } from "./ledger.ts";
import type { Recorder } from "./recorder.ts";
import type { Scenario } from "./scenario.ts";
import type { DemoService } from "./service.ts";

/** What callers need. */
export interface CallersOptions {
  /** How often they call, and the time limit of those without a breaker. */
  readonly scenario: Scenario;
  /** The breaker of the guarded side. */
  readonly breaker: Breaker;
  /** The service of each side. */
  readonly services: Readonly<Record<Side, DemoService>>;
  /** Tells the time. */
  readonly recorder: Recorder;
  /** Gives up every call. */
  readonly signal: AbortSignal;
}

/** Callers that make the same calls at the same moments on both sides. */
export class Callers implements AsyncDisposable {
  /** What the callers of each side have seen. */
  readonly ledgers: Readonly<Record<Side, Ledger>> = { guarded: new Ledger(), bare: new Ledger() };
  readonly #options: CallersOptions;
  readonly #inFlight = new Set<Promise<void>>();
  #stop = (): void => {};

  /** Creates callers that do not call yet. */
  constructor(options: CallersOptions) {
    this.#options = options;
  }

  /** Begins to call. */
  start(): void {
    const { breaker, services, signal, scenario } = this.#options;
    const limitMs = parseDuration(scenario.policy.timeout);
    this.#stop = steadily(scenario.callsPerSecond, () => {
      const isProbe = breaker.state === "half-open";
      this.#make(
        "guarded",
        isProbe,
        () => breaker.do((limit) => callService(services.guarded.url, limit), { signal }),
      );
      this.#make(
        "bare",
        false,
        () => withTimeLimit((limit) => callService(services.bare.url, limit), limitMs, signal),
      );
    });
  }

  /** Makes no more calls, and waits for those in flight. */
  async finish(): Promise<void> {
    this.#stop();
    await Promise.all(this.#inFlight);
  }

  /** As {@linkcode Callers.finish}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.finish();
  }

  #make(side: Side, isProbe: boolean, call: () => Promise<unknown>): void {
    const { recorder, signal } = this.#options;
    const ledger = this.ledgers[side];
    const askedMs = recorder.elapsedMs;
    const ended = (ending: Ending): void => {
      if (signal.aborted) return;
      const probe = isProbe && ending !== "refused";
      ledger.ended({ askedMs, endedMs: recorder.elapsedMs, ending, probe });
    };
    ledger.asked(askedMs);
    const settled = call().then(
      () => ended("ok"),
      (error: unknown) => ended(error instanceof BreakerOpenError ? "refused" : "failed"),
    ).finally(() => this.#inFlight.delete(settled));
    this.#inFlight.add(settled);
  }
}
