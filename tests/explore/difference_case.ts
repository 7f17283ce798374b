import type { Policy } from "../../src/policy/policy.ts";
import type { Case, Step } from "../conformance/case.ts";
import type { DifferentValue } from "../model/differential_run.ts";
import type { Event } from "./event.ts";
import { Pair } from "./pair.ts";
import { type CoreMaker, REAL_CORE } from "./production.ts";
import { PreparedScope, type Scope } from "./scope.ts";
import type { FoundDifference } from "./search.ts";

const LOOK: Step = { expect: {} };

/** What a case can expect, by the names of what is compared. */
const EXPECTED: ReadonlySet<string> = new Set([
  ...["state", "reason", "retryAfterMs", "transitions", "trippedBy", "inFlight"],
  ...["calls", "failures", "successes", "slow", "timeouts", "consecutiveFailures"],
  ...["rejected", "staleCalls", "held", "overdueProbes"],
]);

/**
 * A difference as a conformance case, which ends with what the model allows.
 * What a case cannot say (a value that R3 leaves open, an edit that nobody sees)
 * stands in {@linkcode describeDifference} alone.
 */
export function caseOf(
  scope: Scope,
  difference: FoundDifference,
  makeCore: CoreMaker = REAL_CORE,
): Case {
  const writer = new CaseWriter(new PreparedScope(scope), makeCore);
  for (const [index, event] of difference.events.entries()) {
    const isLast = index === difference.events.length - 1;
    writer.write(event, isLast ? difference.values : []);
  }
  const { steps } = writer;
  if (difference.events.at(-1)?.kind === "look") steps.pop();
  steps.push({ expect: expectation(difference.values) });
  const name = `a shortest sequence in the scope "${scope.name}"`;
  return { name, rule: "?", policy: scope.policies[0], steps };
}

/** A difference for people: what differs, and a file of conformance cases with the one that shows it. */
export function describeDifference(
  scope: Scope,
  difference: FoundDifference,
  makeCore: CoreMaker = REAL_CORE,
): string {
  const { steps, ...head } = caseOf(scope, difference, makeCore);
  const unseen = difference.events.some(({ kind }) => kind === "unseen policy");
  return [
    `${scope.name}: production and the model part after ${difference.events.length} events`,
    ...difference.values.map(({ name, allowed, seen }) =>
      `  ${name}: the model allows ${JSON.stringify(allowed)}, production shows ${
        JSON.stringify(seen)
      }`
    ),
    ...(scope.readyToTrip ? ["  there is a criterion in code, which the case cannot say"] : []),
    ...(scope.patienceMs === undefined ? [] : ["  calls are aborted, which the case cannot say"]),
    ...(unseen ? ["  nobody looks when the policy changes, which the case cannot say"] : []),
    `[${JSON.stringify(head).replace(/}$/, "")}, "steps": [`,
    steps.map((step) => `  ${JSON.stringify(step)}`).join(",\n"),
    "]}]",
  ].join("\n");
}

/** Writes events as the steps of a case; both sides go along to tell which calls are in flight. */
class CaseWriter {
  readonly steps: Step[] = [];
  readonly #scope: PreparedScope;
  readonly #pair: Pair;
  /** Names of the calls in flight, the oldest first. */
  readonly #names: string[] = [];
  #begun = 0;

  constructor(scope: PreparedScope, makeCore: CoreMaker) {
    this.#scope = scope;
    this.#pair = new Pair(scope, makeCore);
    if (scope.draw(0) !== 0) this.steps.push({ random: scope.draw(0) });
    // Time windows are laid from the first look on.
    if (scope.periodMs > 0) this.steps.push(LOOK);
  }

  /** Writes one event, at which `values` differ. */
  write(event: Event, values: readonly DifferentValue[]): void {
    const before = this.#pair.calls.length;
    try {
      this.#pair.take(event);
    } catch {
      // The last event of a sequence may have made production throw.
    }
    this.steps.push(...this.#stepsOf(event, this.#pair.calls.length > before, values));
  }

  #stepsOf(event: Event, admitted: boolean, values: readonly DifferentValue[]): Step[] {
    switch (event.kind) {
      case "look":
        return [LOOK];
      case "begin":
        return [this.#begin(admitted, values)];
      case "settle": {
        const [name = "?"] = this.#names.splice(event.place, 1);
        const { as, holdAfterMs } = event;
        return [{ settle: name, as, ...(holdAfterMs !== undefined && { holdAfter: holdAfterMs }) }];
      }
      case "advance":
        return [{ advance: event.ms }];
      case "back":
        return [LOOK, { advance: -event.ms }, LOOK];
      case "policy":
      case "unseen policy":
        return [{ policy: this.#document(event.index) }];
      case "mode":
        return [{ mode: event.mode }];
      case "reset":
        return [{ reset: true }];
      case "restore":
        return [{ restore: true }];
      case "aged restore":
        return [{ restore: event.ms }];
      case "hold":
        return [{ hold: event.ms }];
      case "release":
        return [{ release: true }];
      case "trip":
        return [{ trip: true }];
      case "random":
        return [{ random: event.draw }];
    }
  }

  #begin(agreed: boolean, values: readonly DifferentValue[]): Step {
    const name = nameOfCall(this.#begun++);
    const allowed = values.find((value) => value.name === "admitted")?.allowed;
    if (typeof allowed === "boolean" ? allowed : agreed) {
      this.#names.push(name);
      return { begin: name };
    }
    const reason = values.find((value) => value.name === "reason")?.allowed;
    return { begin: name, admitted: false, ...(typeof reason === "string" && { reason }) };
  }

  #document(index: number): Policy {
    return this.#scope.policy(index).document;
  }
}

/** `a` to `z`, then `a1` and on. */
function nameOfCall(index: number): string {
  const letter = String.fromCharCode("a".charCodeAt(0) + index % 26);
  return index < 26 ? letter : `${letter}${Math.floor(index / 26)}`;
}

function expectation(values: readonly DifferentValue[]): Record<string, unknown> {
  return Object.fromEntries(
    values.filter(({ name }) => EXPECTED.has(name))
      .map(({ name, allowed }) => [name, certain(name, allowed)])
      .filter(([, value]) => value !== undefined),
  );
}

/** The one value that is allowed, if there is only one. */
function certain(name: string, allowed: unknown): unknown {
  if (name === "trippedBy" && Array.isArray(allowed)) {
    return allowed.length > 1 ? undefined : allowed[0] ?? null;
  }
  if (typeof allowed !== "object" || allowed === null) return allowed;
  if ("min" in allowed && "max" in allowed) {
    return allowed.min === allowed.max ? allowed.min : undefined;
  }
  return allowed;
}
