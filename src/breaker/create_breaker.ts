import { OptionsCheck } from "../check/check_options.ts";
import { assertPolicy } from "../policy/parse_policy.ts";
import type { Policy } from "../policy/policy.ts";
import { Breaker, coreOf } from "./breaker.ts";
import { BreakerCore } from "./core.ts";
import { checkSettings, SETTING_NAMES } from "./host/check_settings.ts";
import { BreakerHost } from "./host/host.ts";
import type { BreakerSettings } from "./host/settings.ts";
import { type RestoreOptions, resumeFrom } from "./snapshot/restore.ts";
import type { BreakerSnapshot } from "./snapshot/snapshot.ts";
import { assertSnapshot } from "./snapshot/snapshot_check.ts";
import { standalonePolicy } from "./state/standalone_policy.ts";

const NO_SETTINGS: BreakerSettings = Object.freeze({});
/** Breakers without settings and without a provider have nothing to tell apart, so they share one host. */
const PLAIN_HOST = new BreakerHost(NO_SETTINGS);

/** What a restored breaker takes in code. */
export interface RestoreSettings extends BreakerSettings, RestoreOptions {}

/** A breaker without a provider: its policy changes by {@linkcode StandaloneBreaker.setPolicy}. */
export class StandaloneBreaker extends Breaker {
  /**
   * Puts another policy in force. State, evidence and calls in flight stay; an
   * invalid policy is refused whole and changes nothing.
   *
   * @param policy The new policy; fields left out take the production defaults.
   * @throws {InvalidPolicyError} If the policy is invalid; lists every fault.
   */
  setPolicy(policy: Policy): void {
    const document = assertPolicy(`of breaker "${this.name}"`, policy);
    coreOf(this).follow(standalonePolicy(document), undefined);
  }
}

/**
 * Creates a breaker for use without a provider.
 *
 * @example Usage
 * ```ts
 * import { createBreaker } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const breaker = createBreaker("payments", { failureRateThreshold: 0.5, timeout: "2s" });
 * assert.equal(await breaker.do((_signal) => Promise.resolve("paid")), "paid");
 * ```
 *
 * @param name The breaker's name, any text.
 * @param policy Fields left out take the production defaults. @default {}
 * @param settings What is given in code. @default {}
 * @returns The breaker, closed.
 * @throws {InvalidPolicyError} If the policy is invalid; lists every fault.
 * @throws {TypeError} If a setting is not known or not of its form.
 */
export function createBreaker(
  name: string,
  policy: Policy = {},
  settings: BreakerSettings = NO_SETTINGS,
): StandaloneBreaker {
  return new StandaloneBreaker(createCore(name, policy, settings));
}

/**
 * Creates a breaker that goes on where `snapshot` was taken: same state, time
 * that remains, evidence, totals and override. Probes that were in flight are
 * dropped and their slots free; permits of the old breaker never touch the new
 * one. A policy that differs from the old one applies as a live change would, at
 * the instant of the snapshot. The time since then counts, by the wall clock or
 * as `elapsed` says; what has fallen due is made, and announced, at the first look.
 *
 * @example Usage
 * ```ts
 * import { createBreaker, restoreBreaker } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const policy = { failureThreshold: 3 };
 * const before = createBreaker("payments", policy);
 * before.tryAcquire()?.failure();
 * const saved = JSON.stringify(before.snapshot());
 * const breaker = restoreBreaker(JSON.parse(saved), policy);
 * assert.equal(breaker.counts.failures, 1);
 * ```
 *
 * @param snapshot What `snapshot()` returned, also after a round trip through JSON.
 * @param policy As for {@linkcode createBreaker}. @default {}
 * @param settings As for {@linkcode createBreaker}, and how much time has passed. @default {}
 * @returns The breaker.
 * @throws {InvalidPolicyError} If the policy is invalid.
 * @throws {TypeError} If `snapshot` is none.
 */
export function restoreBreaker(
  snapshot: BreakerSnapshot,
  policy: Policy = {},
  { elapsed, ...settings }: RestoreSettings = NO_SETTINGS,
): StandaloneBreaker {
  const checked = assertSnapshot(snapshot);
  const isPlain = Object.keys(settings).length === 0;
  const core = createCore(checked.name, policy, isPlain ? NO_SETTINGS : settings);
  resumeFrom(core, checked, elapsed === undefined ? {} : { elapsed });
  return new StandaloneBreaker(core);
}

function createCore(name: string, policy: Policy, settings: BreakerSettings): BreakerCore {
  if (typeof name !== "string") {
    throw new TypeError(`Cannot create breaker: "name" must be a string, received ${typeof name}`);
  }
  const document = assertPolicy(`of breaker "${name}"`, policy);
  return new BreakerCore(name, hostFor(name, settings), standalonePolicy(document));
}

function hostFor(name: string, settings: BreakerSettings): BreakerHost {
  if (settings === NO_SETTINGS) return PLAIN_HOST;
  const check = new OptionsCheck(`create breaker "${name}"`);
  check.known(settings, SETTING_NAMES);
  checkSettings(check, settings);
  return new BreakerHost(settings);
}
