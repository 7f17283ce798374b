import type { Duration } from "../time/duration.ts";
import type { Classification } from "./host/settings.ts";

/**
 * What one call takes.
 *
 * @typeParam F What the fallback answers.
 * @typeParam T What the operation resolves to.
 */
export interface CallOptions<F = never, T = unknown> extends Classification<T> {
  /**
   * The caller's own signal: aborting it rejects the call at once with the signal's reason. A reason named `TimeoutError`,
   * as of `AbortSignal.timeout()`, counts as a timeout of the call, unless `isIgnored` says otherwise; any other counts for nothing.
   */
  signal?: AbortSignal | null | undefined;
  /** Time limit of this call in place of the policy's; `null`: none. */
  timeout?: Duration | null | undefined;
  /**
   * Answers in place of a call that was refused, timed out or threw an error that is a failure, and is given the error. It
   * does not run for a cancelled call, for an error that is ignored or no failure, or for a value that `isResultFailure`
   * counts as a failure: the caller gets that error or value itself.
   */
  fallback?: ((error: unknown) => F | PromiseLike<F>) | undefined;
}

/** What makes sure that the operation is handed a signal: the caller's own, or a time limit of the call. */
export type CallSignal = { readonly signal: AbortSignal } | { readonly timeout: Duration };

/**
 * What one synchronous call takes.
 *
 * @typeParam F What the fallback answers.
 * @typeParam T What the operation returns.
 */
export interface SyncCallOptions<F = never, T = unknown> extends Classification<T> {
  /** Answers in place of a call that was refused or threw an error that is a failure, and is given the error. */
  fallback?: ((error: unknown) => F) | undefined;
}
