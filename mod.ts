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
export type { HoldOptions, TripOptions } from "./src/breaker/commands.ts";
export type {
  BreakerCounts,
  Counts,
  LifetimeCounts,
  RejectionCounts,
} from "./src/breaker/window/counts.ts";
export {
  createBreaker,
  restoreBreaker,
  type RestoreSettings,
  StandaloneBreaker,
} from "./src/breaker/create_breaker.ts";
export type { RestoreOptions } from "./src/breaker/snapshot/restore.ts";
export type {
  BreakerEvents,
  BreakerListener,
  HoldEvent,
  PolicyChangeEvent,
  RejectEvent,
  ReleaseEvent,
  StaleResultEvent,
  StateChangeEvent,
  WouldOpenEvent,
} from "./src/breaker/events/events.ts";
export type { OverdueProbeEvent, ProbeDelay } from "./src/breaker/events/overdue_probe.ts";
export type { AsyncFunction, GuardedFunction } from "./src/call/guarded_function.ts";
export type { Operation, SignalledOperation } from "./src/call/operation.ts";
export type { CallOptions, CallSignal, SyncCallOptions } from "./src/breaker/call_options.ts";
export type {
  AbortedCall,
  Asked,
  BreakerSettings,
  Classification,
} from "./src/breaker/host/settings.ts";
export type { Outcome } from "./src/breaker/window/outcome.ts";
export { Permit } from "./src/breaker/permit.ts";
export { BreakerStream, StreamIterator } from "./src/breaker/stream/breaker_stream.ts";
export type { StreamOperation, StreamOptions } from "./src/breaker/stream/stream_options.ts";
export type { ItemSource } from "./src/call/item_source.ts";
export {
  consecutiveFailures,
  errorRate,
  type ReadyToTrip,
  timeoutRate,
} from "./src/breaker/trip/ready_to_trip.ts";
export {
  BreakerOpenError,
  type Peek,
  type RefusalDetails,
  type RefusedPeek,
} from "./src/breaker/rejection.ts";
export type { RejectionDetails, RejectionReason } from "./src/breaker/events/refusal.ts";
export type {
  BreakerSnapshot,
  CountWindowSnapshot,
  RampSnapshot,
  TimeWindowSnapshot,
  TripSnapshot,
} from "./src/breaker/snapshot/snapshot.ts";
export type { StateName, TransitionCause } from "./src/breaker/events/state_name.ts";
export type { LastFailure } from "./src/breaker/trip/last_failure.ts";
export type { Trip } from "./src/breaker/trip/trip.ts";
export type { Criterion, PolicyCriterion } from "./src/breaker/trip/trip_criteria.ts";
export { type Clock, systemClock } from "./src/time/clock.ts";
export { systemWallClock, type WallClock } from "./src/time/wall_clock.ts";
export {
  BackendError,
  BreakerTimeoutError,
  type BreakerTimeoutErrorOptions,
  InvalidPolicyError,
  SwitchgearError,
} from "./src/errors.ts";
export type { Logger } from "./src/log.ts";
export type { Listener } from "./src/emitter.ts";
export { Bulkhead, createBulkhead } from "./src/patterns/bulkhead/bulkhead.ts";
export {
  BulkheadFullError,
  type BulkheadRefusal,
  type BulkheadRefusalReason,
} from "./src/patterns/bulkhead/bulkhead_full_error.ts";
export type {
  BulkheadEvents,
  BulkheadLimits,
  BulkheadOptions,
  EffectiveBulkheadLimits,
  PartialBulkheadLimits,
} from "./src/patterns/bulkhead/bulkhead_options.ts";
export { BulkheadSlot } from "./src/patterns/bulkhead/bulkhead_slot.ts";
export {
  createServiceBulkheads,
  ServiceBulkheads,
  type ServiceBulkheadsOptions,
} from "./src/patterns/bulkhead/service_bulkheads.ts";
export type { Cache, CacheEntry } from "./src/patterns/cache/cache.ts";
export { CacheFallback, createCacheFallback } from "./src/patterns/cache/cache_fallback.ts";
export type { CacheFallbackOptions } from "./src/patterns/cache/cache_fallback_options.ts";
export {
  createMemoryCache,
  MemoryCache,
  type MemoryCacheOptions,
} from "./src/patterns/cache/memory_cache.ts";
export {
  createFallback,
  Fallback,
  type FallbackHandler,
  type FallbackOptions,
} from "./src/patterns/fallback.ts";
export { createHedge, Hedge, type HedgeOptions } from "./src/patterns/hedge/hedge.ts";
export type { PercentileDelay } from "./src/patterns/hedge/hedge_delay.ts";
export type {
  HedgeCause,
  HedgeCounts,
  HedgeEvent,
  HedgeEvents,
} from "./src/patterns/hedge/hedge_events.ts";
export { HedgeLostError } from "./src/patterns/hedge/hedge_lost_error.ts";
export { ComposedCall } from "./src/patterns/compose/composed_call.ts";
export type { ComposeOptions } from "./src/patterns/compose/compose_options.ts";
export type { LayerAnswer } from "./src/patterns/compose/layer_answer.ts";
export type { OrderWarning, OrderWarningCode } from "./src/patterns/compose/order_warning.ts";
export { pipeline } from "./src/patterns/compose/pipeline.ts";
export { resilient, ResilientBuilder } from "./src/patterns/compose/resilient.ts";
export type { ResilientCall } from "./src/patterns/compose/resilient_call.ts";
export type { ResilientOptions } from "./src/patterns/compose/resilient_options.ts";
export type { CallBounds, Layer, LayerDescription, LayerOptions } from "./src/patterns/layer.ts";
export {
  PoolClosedError,
  type PoolClosedReason,
  PoolFullError,
  type PoolRefusal,
} from "./src/patterns/pool/pool_full_error.ts";
export type { PoolJob } from "./src/patterns/pool/pooled_job.ts";
export {
  createWorkerPool,
  type PoolCloseOptions,
  WorkerPool,
  type WorkerPoolOptions,
} from "./src/patterns/pool/worker_pool.ts";
export {
  createKeyedLimiter,
  type KeyedBucketOptions,
  KeyedLimiter,
  type KeyedLimiterOptions,
  type KeyedWaitOptions,
} from "./src/patterns/rate_limit/keyed_limiter.ts";
export { RateLimitedError } from "./src/patterns/rate_limit/rate_limited_error.ts";
export {
  QuotaLimiter,
  type RateLimiter,
  type RateLimiterOptions,
  type WaitOptions,
} from "./src/patterns/rate_limit/rate_limiter.ts";
export { Reservation } from "./src/patterns/rate_limit/reservation.ts";
export { createSlidingWindow, SlidingWindow } from "./src/patterns/rate_limit/sliding_window.ts";
export {
  createSlidingWindowCounter,
  SlidingWindowCounter,
} from "./src/patterns/rate_limit/sliding_window_counter.ts";
export {
  createTokenBucket,
  TokenBucket,
  type TokenBucketOptions,
} from "./src/patterns/rate_limit/token_bucket.ts";
export type { SlidingWindowOptions } from "./src/patterns/rate_limit/window_limit.ts";
export {
  decorrelatedJitter,
  equalJitter,
  exponentialBackoff,
  fixedDelay,
  fullJitter,
} from "./src/patterns/retry/backoff.ts";
export { isPermanent, PermanentError } from "./src/patterns/retry/permanent_error.ts";
export { createRetry, Retry, retry } from "./src/patterns/retry/retry.ts";
export { retryAfterMs } from "./src/patterns/retry/retry_after.ts";
export {
  createRetryBudget,
  type RetryBudget,
  type RetryBudgetOptions,
} from "./src/patterns/retry/retry_budget.ts";
export type {
  DecorrelatedJitterOptions,
  ExponentialBackoffOptions,
  FixedDelayOptions,
  JitterOptions,
  RetryPolicyOptions,
} from "./src/patterns/retry/retry_growth.ts";
export type {
  RetryCallOptions,
  RetryEvent,
  RetryOptions,
  RetryOutcome,
  RetryReport,
} from "./src/patterns/retry/retry_options.ts";
export { isRetryable, type RetryPolicy } from "./src/patterns/retry/retry_policy.ts";
export type { RetryShorthand } from "./src/patterns/retry/retry_shorthand.ts";
export {
  createTimeout,
  Timeout,
  type TimeoutMode,
  type TimeoutOptions,
  withTimeout,
  type WithTimeoutOptions,
} from "./src/patterns/timeout/timeout.ts";
export { DEVELOPMENT_POLICY, PRODUCTION_POLICY } from "./src/policy/defaults.ts";
export { formatDuration, parseDuration } from "./src/time/duration.ts";
export type { Fault } from "./src/check/fault.ts";
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
export type { Duration } from "./src/time/duration.ts";
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
  ConfigStatus,
  DocumentStatus,
  PlacesStatus,
  ProviderStatus,
} from "./src/provider/status.ts";
export { TooManyBreakersError } from "./src/provider/too_many_breakers_error.ts";
