import { setTimeout as pause } from "node:timers/promises";
import type { Breaker } from "../../src/breaker/breaker.ts";
import type { Callers } from "./callers.ts";
import type { Side } from "./ledger.ts";
import type { PolicyFolder } from "./policy_folder.ts";
import type { Recorder } from "./recorder.ts";
import type { Phase, Scenario } from "./scenario.ts";
import type { DemoService } from "./service.ts";
import { reached } from "./verdict.ts";
import type { BegunPhase, DemoDisplay, DemoView, SideView } from "./view.ts";

/** From one look at the course of things to the next. */
const TICK_MS = 50;

/** What stands on the stage. */
export interface StageOptions {
  /** What to play. */
  readonly scenario: Scenario;
  /** The breaker that it is about. */
  readonly breaker: Breaker;
  /** The service of each side. */
  readonly services: Readonly<Record<Side, DemoService>>;
  /** Tells the time and what has happened. */
  readonly recorder: Recorder;
  /** Who calls the services. */
  readonly callers: Callers;
  /** The policy to edit. */
  readonly folder: PolicyFolder;
}

/** Leads the services and the policy file through the phases. */
export class Stage {
  readonly #on: StageOptions;
  readonly #phases: BegunPhase[] = [];

  /** Creates a stage on which nothing has begun. */
  constructor(options: StageOptions) {
    this.#on = options;
  }

  /** Plays all phases, and waits for the last calls. */
  async play(display: DemoDisplay, signal: AbortSignal): Promise<void> {
    for (const phase of this.#on.scenario.phases) await this.#playPhase(phase, display, signal);
    await this.#on.callers.finish();
    signal.throwIfAborted();
    display.update(this.view(), true);
  }

  async #playPhase(phase: Phase, display: DemoDisplay, signal: AbortSignal): Promise<void> {
    const { scenario, services, recorder } = this.#on;
    const sinceMs = recorder.elapsedMs;
    this.#phases.push({ phase, sinceMs });
    services.guarded.behave(phase.behaviour);
    services.bare.behave(phase.behaviour);
    let edit = phase.edit;
    for (;;) {
      display.update(this.view(), false);
      await pause(TICK_MS, undefined, { signal });
      const playedMs = recorder.elapsedMs - sinceMs;
      if (edit !== undefined && playedMs >= edit.afterMs) {
        await this.#edit(edit.changes);
        edit = undefined;
      }
      const hasHappened = reached(phase.awaits, recorder.happenings, scenario);
      if (playedMs >= phase.lastsMs + (hasHappened ? 0 : scenario.patienceMs)) return;
    }
  }

  async #edit(changes: NonNullable<Phase["edit"]>["changes"]): Promise<void> {
    const { recorder, folder } = this.#on;
    recorder.edited(folder.policy, changes);
    await folder.edit(changes);
  }

  /** What there is to see now. */
  view(): DemoView {
    const { scenario, breaker, recorder, services } = this.#on;
    // Looking at the state makes the transitions that are due, so that they are among the happenings.
    const { state } = breaker;
    const elapsedMs = recorder.elapsedMs;
    return {
      scenario,
      breaker: breaker.name,
      url: services.guarded.url,
      elapsedMs,
      phases: [...this.#phases],
      state,
      peek: breaker.peek(),
      policy: breaker.policy,
      happenings: recorder.happenings,
      sides: {
        guarded: this.#sideView("guarded", elapsedMs),
        bare: this.#sideView("bare", elapsedMs),
      },
    };
  }

  #sideView(side: Side, elapsedMs: number): SideView {
    const { callers, services, scenario } = this.#on;
    const ledger = callers.ledgers[side];
    return {
      tallies: ledger.tallies(scenario.rowMs, elapsedMs),
      records: ledger.records,
      received: services[side].received,
    };
  }
}
