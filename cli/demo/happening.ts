import type { StateChangeEvent } from "../../src/breaker/events/events.ts";
import type { StateName, TransitionCause } from "../../src/breaker/events/state_name.ts";
import { describeTrip } from "../../src/breaker/trip/trip.ts";
import type { EffectivePolicy, Policy } from "../../src/policy/policy.ts";
import { plainDuration } from "../plain_duration.ts";

/** The breaker entered another state. */
export interface Transition {
  /** Discriminates the kinds of happening. */
  readonly kind: "transition";
  /** When, in milliseconds since the demo began. */
  readonly atMs: number;
  /** The state that it left. */
  readonly from: StateName;
  /** The state that it entered. */
  readonly to: StateName;
  /** Why, as the breaker says. */
  readonly cause: TransitionCause;
  /** Why, in words. */
  readonly reason: string;
  /** Of a trip: the threshold that was reached. */
  readonly threshold?: number;
}

/** Somebody wrote the policy file. */
export interface Edit {
  /** Discriminates the kinds of happening. */
  readonly kind: "edit";
  /** When, in milliseconds since the demo began. */
  readonly atMs: number;
  /** What was written, as `field old -> new`. */
  readonly changes: readonly string[];
}

/** An edited policy came into force. */
export interface PolicyInForce {
  /** Discriminates the kinds of happening. */
  readonly kind: "policy";
  /** When, in milliseconds since the demo began. */
  readonly atMs: number;
  /** What became different, as `field old -> new`. */
  readonly changes: readonly string[];
  /** Milliseconds since the file was written. */
  readonly afterMs: number;
  /** The policy in force from now on. */
  readonly policy: EffectivePolicy;
}

/** Something went wrong that no plan foresaw. */
export interface Mishap {
  /** Discriminates the kinds of happening. */
  readonly kind: "mishap";
  /** When, in milliseconds since the demo began. */
  readonly atMs: number;
  /** What the provider reported. */
  readonly message: string;
}

/** What is worth a line of its own. */
export type Happening = Transition | Edit | PolicyInForce | Mishap;

/**
 * A breaker's event as a happening.
 *
 * @param event What the breaker announced.
 * @param startedAt When the demo began, by the breaker's clock.
 */
export function transitionOf(event: StateChangeEvent, startedAt: number): Transition {
  const { from, to, cause, at, trip } = event;
  return {
    kind: "transition",
    atMs: at - startedAt,
    from,
    to,
    cause,
    reason: cause === "tripped" && trip !== undefined ? describeTrip(trip) : REASONS[cause],
    ...(cause === "tripped" && trip?.threshold !== undefined && { threshold: trip.threshold }),
  };
}

const REASONS: Readonly<Record<TransitionCause, string>> = {
  "tripped": "a criterion held",
  "open-timeout": "open time over; the next call is a probe",
  "probe-failure": "the probe failed",
  "probe-timeout": "the probe ran into its time limit",
  "manual": "somebody opened it by hand",
  "recovered": "enough probes succeeded",
  "reset": "somebody reset it",
  "mode": "its mode changed",
};

/** What a happening is called and what there is to say about it. */
export function describeHappening(happening: Happening): { title: string; detail: string } {
  switch (happening.kind) {
    case "transition":
      return { title: `${happening.from} -> ${happening.to}`, detail: happening.reason };
    case "edit":
      return { title: "file edited", detail: happening.changes.join(", ") };
    case "policy":
      return {
        title: "policy in force",
        detail: `${happening.changes.join(", ")}, ${Math.round(happening.afterMs)} ms later`,
      };
    case "mishap":
      return { title: "mishap", detail: happening.message };
  }
}

/** The fields of a policy that the demo uses, as text. */
export function policyFields(policy: EffectivePolicy): ReadonlyMap<string, string> {
  return new Map([
    ["failureThreshold", String(policy.failureThreshold)],
    ["openStateTimeout", plainDuration(policy.openStateTimeout)],
    ["successThreshold", String(policy.successThreshold)],
    ["timeout", policy.timeout === undefined ? "none" : plainDuration(policy.timeout)],
  ]);
}

/** The fields that differ, as `field old -> new`. */
export function policyChanges(previous: EffectivePolicy, policy: EffectivePolicy): string[] {
  const before = policyFields(previous);
  return [...policyFields(policy)]
    .filter(([field, value]) => before.get(field) !== value)
    .map(([field, value]) => `${field} ${before.get(field)} -> ${value}`);
}

/** What an edit of a document changes, as `field old -> new`. */
export function documentChanges(document: Policy, changes: Policy): string[] {
  const before = new Map<string, unknown>(Object.entries(document));
  return Object.entries(changes).map(([field, value]) =>
    `${field} ${before.get(field)} -> ${value}`
  );
}
