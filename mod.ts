/**
 * Circuit breakers whose policies live in a config backend and change while the
 * program runs.
 *
 * @example Usage
 * ```ts
 * import { createBreaker } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const breaker = createBreaker("payments", { failureThreshold: 5, openStateTimeout: "30s" });
 * assert.equal(await breaker.do(() => Promise.resolve("paid")), "paid");
 * ```
 *
 * @module
 */
export { layered } from "./backends/layered.ts";
export { Breaker } from "./src/breaker/breaker.ts";
export type {
  BreakerCounts,
  Counts,
  LifetimeCounts,
  RejectionCounts,
} from "./src/breaker/counts.ts";
export { createBreaker, restoreBreaker, StandaloneBreaker } from "./src/breaker/create_breaker.ts";
export type {
  BreakerEvents,
  BreakerListener,
  PolicyChangeEvent,
  RejectEvent,
  StaleResultEvent,
  StateChangeEvent,
  WouldOpenEvent,
} from "./src/breaker/events.ts";
export type { Operation } from "./src/breaker/guarded_call.ts";
export type {
  BreakerSettings,
  CallOptions,
  Classification,
  SyncCallOptions,
} from "./src/breaker/options.ts";
export type { Outcome } from "./src/breaker/outcome.ts";
export { Permit } from "./src/breaker/permit.ts";
export {
  consecutiveFailures,
  errorRate,
  type ReadyToTrip,
  timeoutRate,
} from "./src/breaker/ready_to_trip.ts";
export {
  BreakerOpenError,
  type Peek,
  type RejectionDetails,
  type RejectionReason,
} from "./src/breaker/rejection.ts";
export type {
  BreakerSnapshot,
  CountWindowSnapshot,
  RampSnapshot,
  TimeWindowSnapshot,
  TripSnapshot,
} from "./src/breaker/snapshot.ts";
export type { StateName, TransitionCause } from "./src/breaker/state.ts";
export type { Trip } from "./src/breaker/trip.ts";
export type { Criterion, PolicyCriterion } from "./src/breaker/trip_criteria.ts";
export { type Clock, systemClock } from "./src/clock.ts";
export {
  BackendError,
  BreakerTimeoutError,
  InvalidPolicyError,
  SwitchgearError,
} from "./src/errors.ts";
export type { Logger } from "./src/log.ts";
export { DEVELOPMENT_POLICY, PRODUCTION_POLICY } from "./src/policy/defaults.ts";
export { formatDuration, parseDuration } from "./src/policy/duration.ts";
export type { Fault } from "./src/policy/fault.ts";
export {
  type CollectionResult,
  parseCollectionText,
  parsePolicy,
  parsePolicyText,
  type PolicyRefusal,
  type PolicyResult,
} from "./src/policy/parse_policy.ts";
export type {
  CountWindowPolicy,
  Duration,
  EffectiveCountWindow,
  EffectivePolicy,
  EffectiveTimeWindow,
  HalfOpenPolicy,
  Mode,
  OpenBackoffPolicy,
  Policy,
  RampPolicy,
  TimeWindowPolicy,
} from "./src/policy/policy.ts";
export { resolvePolicy } from "./src/policy/resolve_policy.ts";
export { collectionSchema, policySchema } from "./src/policy/schema.ts";
export { policyWarnings } from "./src/policy/warnings.ts";
export type {
  BackendRequest,
  ConfigBackend,
  ConfigEntry,
  ConfigRemoval,
  ConfigSnapshot,
  ConfigUpdate,
  ConfigVersion,
  Finding,
  WritableConfigBackend,
} from "./src/provider/backend.ts";
export { type Environment, getDefaultConfig, type ProviderConfig } from "./src/provider/config.ts";
export {
  ConfigCentre,
  configCentre,
  type ConfigEvent,
  type ConfigItem,
  type ConfigWatchOptions,
} from "./src/provider/config_centre.ts";
export { type ConfigCodec, POLICY_CODEC } from "./src/provider/config_codec.ts";
export { createProvider } from "./src/provider/create_provider.ts";
export type { FeedState } from "./src/provider/feed.ts";
export type { LastKnownGoodStore } from "./src/provider/last_known_good.ts";
export type { ProviderOptions } from "./src/provider/options.ts";
export { Provider } from "./src/provider/provider.ts";
export type {
  BackendStatus,
  BreakerStatus,
  DocumentStatus,
  ProviderStatus,
} from "./src/provider/status.ts";
