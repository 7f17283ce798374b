import type { Breaker } from "../../src/breaker/breaker.ts";
import type { Logger } from "../../src/log.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { systemClock } from "../../src/time/clock.ts";
import { documentChanges, type Happening, policyChanges, transitionOf } from "./happening.ts";

/** Writes down what happens, with the time since the demo began. */
export class Recorder {
  readonly #startedAt = systemClock.now();
  readonly #happenings: Happening[] = [];
  #editedMs = 0;

  /** What has happened, in order. */
  get happenings(): readonly Happening[] {
    return this.#happenings;
  }

  /** Milliseconds since the demo began. */
  get elapsedMs(): number {
    return systemClock.now() - this.#startedAt;
  }

  /** Takes what the provider reports as an error; all else shows in the breaker's events. */
  readonly logger: Logger = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (message) => {
      this.#happenings.push({ kind: "mishap", atMs: this.elapsedMs, message });
    },
  };

  /** Writes down a breaker's transitions and changes of policy. */
  follow(breaker: Breaker): void {
    breaker.on("stateChange", (event) => {
      this.#happenings.push(transitionOf(event, this.#startedAt));
    });
    breaker.on("policyChange", ({ policy, previous, at }) => {
      const atMs = at - this.#startedAt;
      this.#happenings.push({
        kind: "policy",
        atMs,
        changes: policyChanges(previous, policy),
        afterMs: atMs - this.#editedMs,
        policy,
      });
    });
  }

  /** Writes down that the policy file is being edited. */
  edited(document: Policy, changes: Policy): void {
    this.#editedMs = this.elapsedMs;
    this.#happenings.push({
      kind: "edit",
      atMs: this.#editedMs,
      changes: documentChanges(document, changes),
    });
  }
}
