import { setTimeout as pause } from "node:timers/promises";
import type { Callers } from "../../cli/demo/callers.ts";
import type { Transition } from "../../cli/demo/happening.ts";
import type { Recorder } from "../../cli/demo/recorder.ts";
import { seconds } from "../../cli/demo/seconds.ts";
import type { DemoService } from "../../cli/demo/service.ts";
import type { Check } from "../../cli/demo/verdict.ts";
import type { Breaker } from "../../src/breaker/breaker.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { parseDuration } from "../../src/time/duration.ts";
// The example is run from a clone, so that it may unpack and run etcd as the tests do.
import type { EtcdServer } from "../../tests/servers/etcd.ts";
import type { Narrator } from "./narrator.ts";
import type { Operator } from "./operator.ts";
import { type Span, type Stretch, stretchOf, unexplainedErrors } from "./stretch.ts";
import type { Timing } from "./timing.ts";
import { type LateEdit, type Outage, verdict } from "./verdict.ts";

/** From one look at what is awaited to the next, in milliseconds. */
const TICK_MS = 5;
/** How long anything is awaited before the demo goes on without it, in milliseconds. */
const PATIENCE_MS = 9_000;

/** What the demo has shown, or has not. */
export interface Findings {
  /** What callers saw before and during etcd's outage, the service being well. */
  readonly stretches: readonly NamedStretch[];
  /** What had to be shown. */
  readonly checks: readonly Check[];
}

/** What callers saw in a stretch of time. */
export interface NamedStretch extends Stretch {
  /** Which callers, and when. */
  readonly name: string;
}

/** What stands on the stage. */
export interface StageOptions {
  /** What to do for how long. */
  readonly timing: Timing;
  /** The etcd to kill. */
  readonly etcd: EtcdServer;
  /** The provider that follows it. */
  readonly provider: Provider;
  /** The breaker that all this is about. */
  readonly breaker: Breaker;
  /** The service of the calls through the breaker, and that of those without one. */
  readonly services: readonly DemoService[];
  /** Who calls the services. */
  readonly callers: Callers;
  /** Who edits the policy. */
  readonly operator: Operator;
  /** Tells the time and the breaker's transitions. */
  readonly recorder: Recorder;
  /** Tells the story. */
  readonly narrator: Narrator;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** Leads etcd, the operator and the services through the demo. */
export class Stage {
  readonly #on: StageOptions;
  /** From when the services failed until the breaker had closed again. */
  readonly #troubles: Span[] = [];
  #policyChanges = 0;

  /** Creates a stage on which nothing has begun. */
  constructor(options: StageOptions) {
    this.#on = options;
    options.breaker.on("policyChange", () => this.#policyChanges++);
  }

  /** Plays the demo. */
  async play(): Promise<Findings> {
    const { callers, narrator, timing: { scenario, steadyMs } } = this.#on;
    narrator.begin(`etcd is up, and ${scenario.callsPerSecond} calls a second are made`);
    callers.start();
    const up = await this.#quiet(steadyMs);
    await this.#editBefore();
    const { down, ...outage } = await this.#playOutage();
    const edit = await this.#playRestart();
    // Only now has every call had its answer, the slowest too.
    await callers.finish();
    this.#on.signal.throwIfAborted();
    const { guarded: { records }, bare } = callers.ledgers;
    const before = stretchOf(records, up);
    const during = stretchOf(records, down);
    const unexplained = unexplainedErrors(records, this.#troubles);
    return {
      stretches: [
        { name: "with breaker, etcd up", ...before },
        { name: "with breaker, etcd down", ...during },
        { name: "without, etcd up", ...stretchOf(bare.records, up) },
        { name: "without, etcd down", ...stretchOf(bare.records, down) },
      ],
      checks: verdict({ ...outage, before, during, unexplained }, edit),
    };
  }

  async #editBefore(): Promise<void> {
    const { breaker, operator, timing: { editedThreshold } } = this.#on;
    await operator.set(breaker.name, `failureThreshold=${editedThreshold}`);
    await this.#until(() => breaker.policy.failureThreshold === editedThreshold);
  }

  async #playOutage(): Promise<
    Omit<Outage, "before" | "during" | "unexplained"> & { readonly down: Span }
  > {
    const { breaker, etcd, narrator, provider, recorder, timing } = this.#on;
    const { openStateTimeout } = breaker.policy;
    const changesBefore = this.#policyChanges;
    const transitionsBefore = this.#transitions().length;
    narrator.begin("etcd is killed (SIGKILL) under load");
    const killedMs = recorder.elapsedMs;
    await etcd.kill();
    await this.#until(() => provider.status().backend.state === "stale");
    const down = await this.#quiet(timing.downMs);
    narrator.begin("etcd is still down, and now the service fails");
    await this.#trouble();
    const status = provider.status().backend;
    const downForMs = recorder.elapsedMs - killedMs;
    const unreachableForMs = status.unreachableForMs ?? 0;
    narrator.say(
      `  provider.status(): ${status.state}, unreachable for ${seconds(unreachableForMs)}: ` +
        `${status.lastError}`,
    );
    return {
      down,
      status,
      downForMs,
      policyChanges: this.#policyChanges - changesBefore,
      transitions: this.#transitions().slice(transitionsBefore),
      threshold: timing.editedThreshold,
      openForMs: openStateTimeout,
    };
  }

  async #playRestart(): Promise<LateEdit> {
    const { breaker, etcd, narrator, operator, recorder, timing: { editedOpenTime } } = this.#on;
    const openForMs = parseDuration(editedOpenTime);
    const transitionsBefore = this.#transitions().length;
    narrator.begin(
      "etcd comes back, and the policy is edited at once; the provider tries again within 5 s",
    );
    await etcd.start();
    this.#on.signal.throwIfAborted();
    let inForceMs: number | undefined;
    breaker.on("policyChange", ({ policy }) => {
      if (policy.openStateTimeout === openForMs) inForceMs ??= recorder.elapsedMs;
    });
    const givenMs = recorder.elapsedMs;
    await operator.set(breaker.name, `openStateTimeout=${editedOpenTime}`);
    await this.#until(() => inForceMs !== undefined);
    const inForceAfterMs = inForceMs === undefined ? undefined : inForceMs - givenMs;
    narrator.begin("the service fails again, under the policy of now");
    await this.#trouble();
    return {
      inForceAfterMs,
      openForMs,
      transitions: this.#transitions().slice(transitionsBefore),
    };
  }

  /** Lets calls be made to a service that is well. */
  async #quiet(lastsMs: number): Promise<Span> {
    const { recorder, signal } = this.#on;
    const fromMs = recorder.elapsedMs;
    await pause(lastsMs, undefined, { signal });
    return { fromMs, toMs: recorder.elapsedMs };
  }

  /** Lets the services fail until the breaker has opened, and be well until it has closed again. */
  async #trouble(): Promise<void> {
    const { breaker, recorder, services, signal, timing: { failingMs } } = this.#on;
    const fromMs = recorder.elapsedMs;
    for (const service of services) service.behave("failing");
    await pause(failingMs, undefined, { signal });
    await this.#until(() => breaker.state !== "closed");
    for (const service of services) service.behave("healthy");
    await this.#until(() => breaker.state === "closed");
    this.#troubles.push({ fromMs, toMs: recorder.elapsedMs });
  }

  #transitions(): readonly Transition[] {
    return this.#on.recorder.happenings.filter((happening) => happening.kind === "transition");
  }

  /** Waits until something holds, but not for ever: what did not come shows in the verdict. */
  async #until(holds: () => boolean): Promise<void> {
    const { recorder, signal } = this.#on;
    const endMs = recorder.elapsedMs + PATIENCE_MS;
    while (!holds() && recorder.elapsedMs < endMs) {
      await pause(TICK_MS, undefined, { signal });
    }
  }
}
