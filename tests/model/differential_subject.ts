import { Breaker, coreOf } from "../../src/breaker/breaker.ts";
import { BreakerCore } from "../../src/breaker/core.ts";
import {
  createBreaker,
  restoreBreaker,
  StandaloneBreaker,
} from "../../src/breaker/create_breaker.ts";
import type { RejectEvent } from "../../src/breaker/events/events.ts";
import { BreakerHost } from "../../src/breaker/host/host.ts";
import type { BreakerSettings } from "../../src/breaker/host/settings.ts";
import { resumeFrom } from "../../src/breaker/snapshot/restore.ts";
import type { BreakerSnapshot } from "../../src/breaker/snapshot/snapshot.ts";
import { assertSnapshot } from "../../src/breaker/snapshot/snapshot_check.ts";
import { PolicyVersion } from "../../src/breaker/state/policy_line.ts";
import { assertPolicy } from "../../src/policy/parse_policy.ts";
import type { Mode, Policy } from "../../src/policy/policy.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import {
  AskingError,
  type CallInFlight,
  doCall,
  IGNORED,
  permitCall,
} from "./differential_call.ts";
import { Draws, type Way } from "./differential_move.ts";
import { SILENT } from "../support/silent_logger.ts";
import type { Outcome } from "./observation.ts";

/** Production, driven in one of the ways of {@linkcode Way}. */
export class Subject {
  readonly clock = new ManualClock();
  readonly draws = new Draws();
  readonly transitions: string[] = [];
  readonly enteredAtMs: number[] = [];
  /** How often it was announced that the breaker would have opened. */
  wouldOpen = 0;
  readonly #way: Way;
  #breaker: Breaker;
  #version: PolicyVersion;
  #settings: BreakerSettings;
  #generation = 0;
  #policy: Policy;
  #calls = new Map<string, CallInFlight>();
  /** Calls of the present breaker that are in flight. */
  readonly #own = new Set<string>();
  #rejection: RejectEvent | undefined;
  #stopListening = (): void => {};

  constructor(way: Way, policy: Policy) {
    this.#way = way;
    this.#policy = policy;
    this.#settings = this.#newSettings();
    this.#version = new PolicyVersion([assertPolicy("", policy)], 0);
    this.#breaker = way === "missed versions"
      ? new Breaker(this.#following())
      : createBreaker("subject", policy, this.#settings);
    this.#listen();
  }

  get breaker(): Breaker {
    return this.#breaker;
  }

  /** Whether the breaker stands open, found out without a look. */
  get stoodOpen(): boolean {
    return coreOf(this.#breaker).state.kind === "open";
  }

  /** Calls that the breaker believes to be in flight, and those that are. */
  get callsInFlight(): { readonly believed: number; readonly real: number } {
    return { believed: coreOf(this.#breaker).inFlight, real: this.#own.size };
  }

  /** Starts a call; the rejection if it was refused. */
  begin(id: string): RejectEvent | undefined {
    this.#rejection = undefined;
    const call = this.#way === "do" ? doCall(this.#breaker, id) : permitCall(this.#breaker);
    if (call === undefined) return this.#rejection;
    this.#calls.set(id, call);
    this.#own.add(id);
    return undefined;
  }

  /** Settles a call, also one that is settled already or that an earlier breaker admitted. */
  async settle(id: string, as: Outcome, holdAfterMs?: number): Promise<void> {
    await this.#calls.get(id)?.settle(
      as,
      holdAfterMs === undefined ? undefined : new AskingError(holdAfterMs),
    );
    this.#own.delete(id);
  }

  setPolicy(document: Policy): void {
    this.#policy = document;
    const version = new PolicyVersion(
      [assertPolicy("", document)],
      coreOf(this.#breaker).host.timeline.now(),
    );
    this.#version.next = version;
    this.#version = version;
    if (this.#breaker instanceof StandaloneBreaker) this.#breaker.setPolicy(document);
  }

  override(mode: Mode | null): void {
    this.#breaker.override(mode);
  }

  hold(ms: number, owner: string): void {
    this.#breaker.hold(ms, { owner });
  }

  release(owner: string): void {
    this.#breaker.release({ owner });
  }

  tripNow(): void {
    this.#breaker.tripNow();
  }

  /**
   * Goes on in a breaker restored from JSON that is `ageMs` old by then, under
   * `document` if there is one; gives what was written.
   */
  restore(document: Policy | undefined, ageMs: number): BreakerSnapshot {
    const before = this.#breaker.snapshot();
    const snapshot = JSON.parse(JSON.stringify(before));
    if (ageMs !== 0) snapshot.takenAt -= ageMs;
    this.#policy = document ?? this.#policy;
    this.#settings = this.#newSettings();
    this.#own.clear();
    if (this.#way === "missed versions") {
      this.#version = new PolicyVersion([assertPolicy("", this.#policy)], this.#version.since);
      const core = this.#following();
      resumeFrom(core, assertSnapshot(snapshot));
      this.#breaker = new Breaker(core);
    } else {
      this.#breaker = restoreBreaker(snapshot, this.#policy, this.#settings);
    }
    this.#listen();
    return before;
  }

  #following(): BreakerCore {
    return new BreakerCore("subject", new BreakerHost(this.#settings), this.#version);
  }

  #newSettings(): BreakerSettings {
    const generation = ++this.#generation;
    return {
      clock: this.clock,
      logger: SILENT,
      // A breaker that has been replaced must not use up the draws of the present one.
      random: () => generation === this.#generation ? this.draws.next() : 0,
      isIgnored: (error) => error === IGNORED,
      holdAfter: askedFor,
    };
  }

  #listen(): void {
    this.#stopListening();
    const stops = [
      this.#breaker.on("stateChange", ({ to, at }) => {
        this.transitions.push(to);
        this.enteredAtMs.push(at);
      }),
      this.#breaker.on("wouldOpen", () => {
        this.wouldOpen++;
      }),
      this.#breaker.on("reject", (event) => {
        this.#rejection = event;
      }),
    ];
    this.#stopListening = () => stops.forEach((stop) => stop());
  }
}

/** The setting `holdAfter`. */
function askedFor(outcome: unknown): number | undefined {
  return outcome instanceof AskingError ? outcome.holdAfterMs : undefined;
}
