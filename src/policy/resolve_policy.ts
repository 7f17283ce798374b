import { ownFields } from "../check/own_fields.ts";
import { parseDuration } from "../time/duration.ts";
import {
  COUNT_WINDOW_FIELDS,
  HALF_OPEN_FIELDS,
  OPEN_BACKOFF_FIELDS,
  POLICY_FIELDS,
  RAMP_FIELDS,
  TIME_WINDOW_FIELDS,
} from "./fields.ts";
import type { EffectivePolicy, HalfOpenPolicy, Policy } from "./policy.ts";

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/**
 * Merges policy documents into the policy in force. A later document's field
 * wins over an earlier one's, nested objects replace whole, and below all of
 * them lie the production defaults.
 *
 * A `null` takes back what earlier documents say: an optional feature is off
 * and its field absent, `failureThreshold` is 0, which is off too, and a field
 * that always has a value goes back to the lowest document's (the environment's
 * default policy, in a provider), or else to its production default.
 *
 * @example Usage
 * ```ts
 * import { resolvePolicy } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const policy = resolvePolicy({ timeout: "2s", minimumCalls: 10 }, { timeout: null });
 * assert.equal(policy.minimumCalls, 10);
 * assert(!("timeout" in policy));
 * ```
 *
 * @param documents Valid policies, the one of lowest precedence first.
 * @returns The merged policy, frozen, every default filled in and every duration in milliseconds.
 */
export function resolvePolicy(...documents: readonly Policy[]): EffectivePolicy {
  return merge(documents.map(ownFields));
}

function merge(documents: readonly Policy[]): EffectivePolicy {
  const failureThreshold = newest(documents, "failureThreshold");
  const ramp = newestObject(documents, "ramp");
  const policy: Mutable<EffectivePolicy> = {
    failureThreshold: failureThreshold === null
      ? 0
      : failureThreshold ?? POLICY_FIELDS.failureThreshold.default,
    successThreshold: standing(documents, "successThreshold") ??
      POLICY_FIELDS.successThreshold.default,
    openStateTimeout: parseDuration(
      standing(documents, "openStateTimeout") ?? POLICY_FIELDS.openStateTimeout.default,
    ),
    window: resolveWindow(standing(documents, "window") ?? POLICY_FIELDS.window.default),
    minimumCalls: standing(documents, "minimumCalls") ?? POLICY_FIELDS.minimumCalls.default,
    halfOpen: resolveHalfOpen(standing(documents, "halfOpen") ?? {}, ramp != null),
    maxHold: parseDuration(standing(documents, "maxHold") ?? POLICY_FIELDS.maxHold.default),
    mode: standing(documents, "mode") ?? POLICY_FIELDS.mode.default,
  };
  for (const name of RATES) {
    const rate = newest(documents, name);
    if (rate != null) policy[name] = rate;
  }
  const failureCount = newest(documents, "failureCountThreshold");
  if (failureCount != null && failureCount > 0) policy.failureCountThreshold = failureCount;
  for (const name of TIME_LIMITS) {
    const limit = newest(documents, name);
    if (limit != null) policy[name] = parseDuration(limit);
  }
  const backoff = newestObject(documents, "openBackoff");
  if (backoff != null) {
    policy.openBackoff = Object.freeze({
      multiplier: backoff.multiplier ?? OPEN_BACKOFF_FIELDS.multiplier.default,
      maxTimeout: parseDuration(backoff.maxTimeout ?? OPEN_BACKOFF_FIELDS.maxTimeout.default),
      jitter: backoff.jitter ?? OPEN_BACKOFF_FIELDS.jitter.default,
    });
  }
  if (ramp != null) {
    policy.ramp = Object.freeze({
      calls: ramp.calls,
      per: parseDuration(ramp.per),
      growth: ramp.growth ?? RAMP_FIELDS.growth.default,
      steps: ramp.steps ?? RAMP_FIELDS.steps.default,
    });
  }
  return Object.freeze(policy);
}

const RATES = ["failureRateThreshold", "slowCallRateThreshold", "timeoutRateThreshold"] as const;
const TIME_LIMITS = ["failureThresholdWithin", "slowCallThreshold", "timeout"] as const;

/** What the last document that has the field says, `null` included. */
function newest<Name extends keyof Policy>(
  documents: readonly Policy[],
  name: Name,
): Policy[Name] | undefined {
  for (let index = documents.length - 1; index >= 0; index--) {
    const value = documents[index]?.[name];
    if (value !== undefined) return value;
  }
  return undefined;
}

/** As {@linkcode newest} for an object, as it is without what it inherits. */
function newestObject<Name extends "ramp" | "openBackoff">(
  documents: readonly Policy[],
  name: Name,
): Policy[Name] | undefined {
  const value = newest(documents, name);
  return value == null ? value : ownFields(value);
}

/** As {@linkcode newest} for a field that always has a value: `null` takes it back to the lowest document. */
function standing<Name extends keyof Policy>(
  documents: readonly Policy[],
  name: Name,
): Policy[Name] | undefined {
  return newest(documents, name) ?? documents[0]?.[name];
}

function resolveWindow(document: NonNullable<Policy["window"]>): EffectivePolicy["window"] {
  const window = ownFields(document);
  if (window.kind === "count") {
    return Object.freeze({
      kind: "count",
      size: window.size ?? COUNT_WINDOW_FIELDS.size.default,
    });
  }
  return Object.freeze({
    kind: "time",
    duration: parseDuration(window.duration ?? TIME_WINDOW_FIELDS.duration.default),
    buckets: window.buckets ?? TIME_WINDOW_FIELDS.buckets.default,
  });
}

function resolveHalfOpen(document: HalfOpenPolicy, hasRamp: boolean): EffectivePolicy["halfOpen"] {
  const halfOpen = ownFields(document);
  const resolved: Mutable<EffectivePolicy["halfOpen"]> = {};
  const maxProbes = halfOpen.maxProbes ??
    (hasRamp ? undefined : HALF_OPEN_FIELDS.maxProbes.default);
  if (maxProbes !== undefined) resolved.maxProbes = maxProbes;
  if (halfOpen.probeTimeout !== undefined) {
    resolved.probeTimeout = parseDuration(halfOpen.probeTimeout);
  }
  return Object.freeze(resolved);
}
