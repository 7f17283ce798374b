import { type Breaker, coreOf } from "../../src/breaker/breaker.ts";
import type { CallOptions } from "../../src/breaker/call_options.ts";
import { failsEverywhere, type GuardSettings } from "./guard_options.ts";

/** Any function of a client. */
export type Callable = (...args: unknown[]) => unknown;

/** One call of a method of a client. */
export interface ClientCall {
  readonly breaker: Breaker;
  readonly settings: GuardSettings;
  /** The method's name; empty where the client itself is called. */
  readonly name: string;
  readonly method: Callable;
  /** Whether the last argument is a function. */
  readonly hasCallback: boolean;
  /** Calls the client. */
  invoke(): unknown;
  /** What the caller gets for what a promise resolved to. */
  present(value: unknown): unknown;
  /** Takes what a promise resolved to after its caller was given an error. */
  takeLate(value: unknown): unknown;
}

/** Whether methods have returned promises, for all instances of a class; apart with a callback. */
const learned = {
  plain: new WeakMap<Callable, boolean>(),
  withCallback: new WeakMap<Callable, boolean>(),
};
/** Stands for a call that turned out to be none to guard; it counts for nothing. */
const NO_PROMISE = new Error("The method returned no promise");

/**
 * Calls the client through the breaker, where the call is asynchronous as far as is known.
 *
 * @returns A promise, or what the client returned where that is none
 */
export function callThrough(call: ClientCall): unknown {
  const { breaker } = call;
  const isAsync = expectation(call);
  if (isAsync === false || (isAsync === undefined && !breaker.peek().admitted)) {
    const result = call.invoke();
    return learn(call, result) ? result.then((value) => call.present(value)) : result;
  }
  let direct: { readonly value: unknown } | { readonly thrown: unknown } | undefined;
  const promise = breaker.do((signal) => {
    let result: unknown;
    try {
      result = call.invoke();
    } catch (thrown) {
      direct = { thrown };
      throw NO_PROMISE;
    }
    if (learn(call, result)) return settle(call, result, signal);
    direct = { value: result };
    throw NO_PROMISE;
  }, callOptions(call));
  // By a function: the compiler does not see that the operation has run by now.
  return handOn(direct, promise);
}

/** Starts a lazy thenable, by one call of its `then`, if the breaker admits it. */
export function startThrough(call: ClientCall, lazy: PromiseLike<unknown>): Promise<unknown> {
  return call.breaker.do((signal) => {
    const started = new Promise<unknown>((resolve, reject) => lazy.then(resolve, reject));
    return settle(call, started, signal);
  }, callOptions(call));
}

/** Whether it is a promise whose work is under way: one that nothing overrides, unlike a lazy one. */
export function isEager(value: unknown): value is Promise<unknown> {
  return value instanceof Promise && value.then === Promise.prototype.then;
}

function handOn(
  direct: { readonly value: unknown } | { readonly thrown: unknown } | undefined,
  promise: Promise<unknown>,
): unknown {
  if (direct === undefined) return promise;
  promise.catch(() => {}); // it is the stand-in's
  if ("thrown" in direct) throw direct.thrown;
  return direct.value;
}

/** Whether the call will return a promise, as far as that can be known before. */
function expectation({ method, name, settings, hasCallback }: ClientCall): boolean | undefined {
  const memory = hasCallback ? learned.withCallback : learned.plain;
  const isListed = settings.coverage(name) === "always" && !hasCallback;
  return memory.get(method) ?? (isAsyncFunction(method) || isListed || undefined);
}

function learn(call: ClientCall, result: unknown): result is Promise<unknown> {
  const memory = call.hasCallback ? learned.withCallback : learned.plain;
  const isAsync = isEager(result);
  if (isAsync || !memory.has(call.method)) memory.set(call.method, isAsync);
  return isAsync;
}

function settle(
  call: ClientCall,
  result: Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return result.then((value) => {
    // Aborted by the time limit alone: the call was given no signal of a caller's, who has had an error by now.
    if (signal?.aborted) void handLate(call, value);
    return call.present(value);
  });
}

async function handLate(call: ClientCall, value: unknown): Promise<void> {
  try {
    await call.takeLate(value);
  } catch (error) {
    const { breaker } = call;
    coreOf(breaker).host.report(breaker.name, "late failed", error);
  }
}

/** The guard's own predicates, then the provider's, then the defaults. */
function callOptions({ breaker, settings }: ClientCall): CallOptions {
  const { host } = coreOf(breaker);
  const { isIgnored = host.isIgnored, isFailure = host.isFailure, isResultFailure, holdAfter } =
    settings.classification;
  return {
    isIgnored: (error, aborted) => error === NO_PROMISE || (isIgnored?.(error, aborted) ?? false),
    isFailure: isFailure ?? failsEverywhere,
    ...(isResultFailure && { isResultFailure }),
    ...(holdAfter && { holdAfter }),
  };
}

function isAsyncFunction(method: Callable): boolean {
  return Object.prototype.toString.call(method) === "[object AsyncFunction]";
}
