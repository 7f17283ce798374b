import type { Fault } from "./check/fault.ts";
import { isOfKind, nameErrors } from "./error_kind.ts";

/**
 * The base of every error that callers of this package catch. `code` is stable
 * and safe to switch on; `name` is the class's name, also after bundling.
 * `instanceof` also knows the errors of another copy of the package in the same
 * program: another version, or the CommonJS form beside the ES modules.
 *
 * @example Usage
 * ```ts
 * import { createBreaker, SwitchgearError } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const breaker = createBreaker("users", { mode: "forced-open" });
 * await assert.rejects(
 *   () => breaker.do(() => Promise.resolve("Ada")),
 *   (error) => error instanceof SwitchgearError && error.code === "BREAKER_OPEN",
 * );
 * ```
 */
export class SwitchgearError extends Error {
  /** Stable identifier of the kind of error, such as `BREAKER_OPEN`. */
  declare readonly code: string;

  /** Creates the error with its stable `code`. */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Whether an error is of this class, of this copy of the package or of another; for `instanceof`. */
  static override [Symbol.hasInstance](error: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(this, error) || isOfKind(error, this);
  }

  static {
    nameErrors(this, { name: "SwitchgearError" });
  }
}

/** What else is known of a call that took too long. */
export interface BreakerTimeoutErrorOptions {
  /** What took too long, in words. @default the call through the breaker */
  readonly subject?: string | undefined;
}

/**
 * A call took longer than its time limit. The operation's signal was aborted with this error.
 *
 * @example Usage
 * ```ts
 * import { BreakerTimeoutError, createBreaker } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const breaker = createBreaker("users", { timeout: "5ms" });
 * await assert.rejects(
 *   () => breaker.do(() => new Promise(() => {})),
 *   (error) => error instanceof BreakerTimeoutError && error.timeoutMs === 5,
 * );
 * ```
 */
export class BreakerTimeoutError extends SwitchgearError {
  /** Which kind of error it is. */
  declare readonly code: "BREAKER_TIMEOUT";
  /** Name of the breaker, or of the timeout without a breaker, that set the limit. */
  readonly breaker: string;
  /** The limit in milliseconds. */
  readonly timeoutMs: number;

  /** Creates the error for a call through `breaker` that took longer than `timeoutMs` milliseconds. */
  constructor(
    breaker: string,
    timeoutMs: number,
    { subject = `Call through breaker "${breaker}"` }: BreakerTimeoutErrorOptions = {},
  ) {
    super("BREAKER_TIMEOUT", `${subject} took longer than ${timeoutMs} ms`);
    this.breaker = breaker;
    this.timeoutMs = timeoutMs;
  }

  static {
    nameErrors(this, { name: "BreakerTimeoutError", code: "BREAKER_TIMEOUT" });
  }
}

/**
 * Whether an error is a {@linkcode BreakerTimeoutError}. Anything can be thrown,
 * also what throws when it is looked at, such as a revoked proxy; that is none.
 */
export function isTimeLimitError(error: unknown): boolean {
  try {
    return error instanceof BreakerTimeoutError;
  } catch {
    return false;
  }
}

/** Whether an operation that failed after the caller's abort failed because of it. Never throws. */
export function isCancellation(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || isCalled(error, "AbortError");
}

/**
 * Whether the reason of an abort says that somebody ran out of time: it is called
 * `TimeoutError`, as that of `AbortSignal.timeout()`, or is a
 * {@linkcode BreakerTimeoutError} of a time limit around. Never throws.
 */
export function isTimeoutReason(reason: unknown): boolean {
  return isTimeLimitError(reason) || isCalled(reason, "TimeoutError");
}

/** By its name alone: another realm, such as that of a test in Jest, or a polyfill has a class of its own. */
function isCalled(error: unknown, name: string): boolean {
  try {
    return typeof error === "object" && error !== null && "name" in error && error.name === name;
  } catch {
    return false;
  }
}

/** Faults that a message spells out; a hostile document can have a million. */
const FAULTS_SHOWN = 100;

/** The faults of a document as one text: the first hundred, and how many more there are. */
export function describeFaults(faults: readonly Fault[]): string {
  const shown = faults.slice(0, FAULTS_SHOWN).map(({ message }) => message);
  const more = faults.length - shown.length;
  return more === 0 ? shown.join("; ") : `${shown.join("; ")}; and ${more} more`;
}

/**
 * A policy document was refused. `faults` lists everything that is wrong with it.
 *
 * @example Usage
 * ```ts
 * import { createBreaker, InvalidPolicyError } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * assert.throws(
 *   () => createBreaker("users", { failureThreshold: -1 }),
 *   (error) => error instanceof InvalidPolicyError && error.faults[0]?.path === "$.failureThreshold",
 * );
 * ```
 */
export class InvalidPolicyError extends SwitchgearError {
  /** Which kind of error it is. */
  declare readonly code: "INVALID_POLICY";
  /** Every fault, in the order of the document; the message spells out the first hundred. */
  readonly faults: readonly Fault[];

  /** Creates the error for the document called `subject`. */
  constructor(subject: string, faults: readonly Fault[]) {
    super(
      "INVALID_POLICY",
      `Cannot use policy ${subject}: ${describeFaults(faults)}`,
    );
    this.faults = faults;
  }

  static {
    nameErrors(this, { name: "InvalidPolicyError", code: "INVALID_POLICY" });
  }
}

/**
 * A config backend could not be read or written.
 *
 * @example Usage
 * ```ts
 * import { BackendError, configCentre } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import assert from "node:assert/strict";
 *
 * const backend = memoryBackend();
 * backend.fail();
 * await assert.rejects(
 *   () => configCentre(backend, "/config/prod/im-gateway/breakers/").list(),
 *   (error) => error instanceof BackendError && error.backend === "memory()",
 * );
 * ```
 */
export class BackendError extends SwitchgearError {
  /** Which kind of error it is. */
  declare readonly code: "BACKEND";
  /** Which backend, as it describes itself. */
  readonly backend: string;

  /** Creates the error for `backend`. */
  constructor(backend: string, message: string, options?: ErrorOptions) {
    super("BACKEND", message, options);
    this.backend = backend;
  }

  static {
    nameErrors(this, { name: "BackendError", code: "BACKEND" });
  }
}

/** What an error says, for people. Never throws: what cannot be put into words is said to be so. */
export function describeError(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return "an error that cannot be read";
  }
}
