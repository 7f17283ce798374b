import type { Breaker } from "../../src/breaker/breaker.ts";
import type { CallOptions } from "../../src/breaker/call_options.ts";
import type { Classification } from "../../src/breaker/host/settings.ts";
import { insideOf } from "../../src/breaker/inside_of.ts";
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
  /** Whether what a promise resolved to is a stream, which is a call by itself. */
  isStream(value: unknown): boolean;
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

/** Stands for a call whose promise brought a stream: it counts for nothing, and the stream does. */
class BroughtStream {
  readonly stream: unknown;

  constructor(stream: unknown) {
    this.stream = stream;
  }
}

/**
 * Calls the client through the breaker, where the call is asynchronous as far as is known.
 *
 * @returns A promise, or what the client returned where that is none
 */
export function callThrough(call: ClientCall): unknown {
  const { breaker } = call;
  // Nothing of it runs before it is iterated.
  if (isOfKind(call.method, "AsyncGeneratorFunction")) return call.invoke();
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
  }, callOptions(call)).catch(streamOrError);
}

/** Whether it is a promise whose work is under way: one that nothing overrides, unlike a lazy one. */
export function isEager(value: unknown): value is Promise<unknown> {
  return value instanceof Promise && value.then === Promise.prototype.then;
}

function handOn(
  direct: { readonly value: unknown } | { readonly thrown: unknown } | undefined,
  promise: Promise<unknown>,
): unknown {
  if (direct === undefined) return promise.catch(streamOrError);
  promise.catch(() => {}); // it is the stand-in's
  if ("thrown" in direct) throw direct.thrown;
  return direct.value;
}

/** Whether the call will return a promise, as far as that can be known before. */
function expectation({ method, name, settings, hasCallback }: ClientCall): boolean | undefined {
  const memory = hasCallback ? learned.withCallback : learned.plain;
  const isListed = settings.coverage(name) === "always" && !hasCallback;
  return memory.get(method) ?? (isOfKind(method, "AsyncFunction") || isListed || undefined);
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
    const presented = call.present(value);
    if (call.isStream(value)) throw new BroughtStream(presented);
    return presented;
  });
}

function streamOrError(error: unknown): unknown {
  if (error instanceof BroughtStream) return error.stream;
  throw error;
}

async function handLate(call: ClientCall, value: unknown): Promise<void> {
  try {
    await call.takeLate(value);
  } catch (error) {
    insideOf(call.breaker).report("late failed", error);
  }
}

/** How errors are judged. */
interface Predicates {
  readonly isIgnored: NonNullable<Classification["isIgnored"]>;
  readonly isFailure: NonNullable<Classification["isFailure"]>;
}

/** The guard's own predicates, then the provider's, then the defaults. */
export function predicatesOf(
  breaker: Breaker,
  { classification }: GuardSettings,
): Predicates {
  const inside = insideOf(breaker);
  const { isIgnored = inside.isIgnored, isFailure = inside.isFailure } = classification;
  return { isIgnored: isIgnored ?? (() => false), isFailure: isFailure ?? failsEverywhere };
}

function callOptions({ breaker, settings }: ClientCall): CallOptions {
  const { isIgnored, isFailure } = predicatesOf(breaker, settings);
  const { isResultFailure, holdAfter } = settings.classification;
  return {
    isIgnored: (error, aborted) =>
      error === NO_PROMISE || error instanceof BroughtStream || isIgnored(error, aborted),
    isFailure,
    ...(isResultFailure && { isResultFailure }),
    ...(holdAfter && { holdAfter }),
  };
}

function isOfKind(method: Callable, kind: "AsyncFunction" | "AsyncGeneratorFunction"): boolean {
  return Object.prototype.toString.call(method) === `[object ${kind}]`;
}
