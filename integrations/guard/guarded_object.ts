import type { Breaker } from "../../src/breaker/breaker.ts";
import { isAsyncIterable } from "../../src/call/item_source.ts";
import { isThenable } from "../../src/call/thenable.ts";
import {
  type Callable,
  callThrough,
  type ClientCall,
  isEager,
  startThrough,
} from "./client_call.ts";
import type { GuardSettings } from "./guard_options.ts";
import { type GuardedItems, itemsOf, type ItemsPlace, withoutProxy } from "./guarded_items.ts";

/** Where an object stands below the client. */
export interface GuardPlace {
  readonly settings: GuardSettings;
  /** Names from the guard's own down to here, with dots. */
  readonly path: string;
  /** The breaker of a path. */
  breakerOf(path: string): Breaker;
  /** Where it is a lazy thenable: the call that it stands for. */
  readonly lazy?: ClientCall;
  /** Whether iterating it is guarded, where it can be iterated. */
  readonly iterates: boolean;
  /** Whether it is there for its items alone, and its methods are its own. */
  readonly isStream?: boolean;
}

/** The object behind each guard: what is handed to the client is its own again. */
const targets = new WeakMap<object, object>();

/** Guards the methods of one object. */
export class GuardedObject<T extends object> implements ProxyHandler<T> {
  /** What is used in the object's place. */
  readonly proxy: T;
  readonly #target: T;
  readonly #place: GuardPlace;
  readonly #methods = new Map<PropertyKey, { readonly of: Callable; readonly guarded: Callable }>();
  readonly #nested = new WeakMap<object, object>();
  #started: Promise<unknown> | undefined;
  #items: GuardedItems | undefined;

  constructor(target: T, place: GuardPlace) {
    this.#target = target;
    this.#place = place;
    this.proxy = new Proxy(target, this);
    targets.set(this.proxy, target);
  }

  /** Methods are guarded; getters run on the object itself. */
  get(target: T, key: string | symbol): unknown {
    const value: unknown = Reflect.get(target, key, target);
    if (typeof value !== "function" && typeof value !== "object") return value;
    if (isFrozen(target, key)) return value; // a proxy must not answer otherwise
    if (key === "constructor") return value; // who asks compares it
    if (isCallable(value)) return this.#iteration(key) ?? this.#method(key, value);
    return typeof key === "string" ? this.#nest(value, key) : value;
  }

  /** Setters run on the object itself. */
  set(target: T, key: string | symbol, value: unknown): boolean {
    return Reflect.set(target, key, unwrap(value), target);
  }

  /** A client that is a function is guarded as if it were a method. */
  apply(target: T, self: unknown, args: unknown[]): unknown {
    return isCallable(target) ? this.#call(target, self, args, "") : undefined;
  }

  /** A member that has to do with iterating the object. */
  #iteration(key: string | symbol): Callable | undefined {
    const { settings, iterates } = this.#place;
    if (!iterates || settings.streams === undefined) return undefined;
    if (!isIterating(key)) return undefined;
    this.#items ??= itemsOf(this.#target, this.proxy, this.#itemsPlace(this.#place.path));
    return this.#items?.member(key);
  }

  #itemsPlace(path: string): ItemsPlace {
    const { settings } = this.#place;
    return { settings, breaker: () => this.#place.breakerOf(path) };
  }

  #method(key: string | symbol, method: Callable): Callable {
    const known = this.#methods.get(key);
    if (known?.of === method) return known.guarded;
    // A proxy, so that the method's own properties, and `new`, stay as they are.
    const guarded = new Proxy(method, {
      apply: (method, self, args: unknown[]) => this.#call(method, self, args, key),
    });
    this.#methods.set(key, { of: method, guarded });
    return guarded;
  }

  #call(method: Callable, self: unknown, args: unknown[], key: string | symbol): unknown {
    const { settings, lazy } = this.#place;
    const invoke = (): unknown =>
      Reflect.apply(method, self === this.proxy ? this.#target : self, args.map(unwrap));
    if (lazy !== undefined && (key === "then" || key === "catch" || key === "finally")) {
      const started = this.#started ??= startThrough(lazy, thenableOf(this.#target));
      return Reflect.apply(started[key], started, args);
    }
    const isOwn = this.#place.isStream || typeof key === "symbol";
    if (isOwn || (key !== "" && settings.coverage(key) === "never")) {
      return this.#present(invoke(), key);
    }
    const path = key === "" || lazy !== undefined ? this.#place.path : `${this.#place.path}.${key}`;
    const call: ClientCall = {
      settings,
      method,
      name: key,
      breaker: this.#place.breakerOf(path),
      hasCallback: typeof args.at(-1) === "function",
      invoke,
      present: (value) => this.#hand(value, key, path),
      isStream: (value) => this.#isStream(value),
      // The client itself is not borrowed.
      takeLate: (value) => value === this.#target ? undefined : settings.late(value, key),
    };
    const result = callThrough(call);
    if (isEager(result)) return result;
    if (result !== this.#target && isThenable(result)) {
      const place = { ...this.#place, path, lazy: call, iterates: true };
      return new GuardedObject(result, place).proxy;
    }
    return this.#hand(result, key, path);
  }

  /** What the caller gets for what a guarded method gave: a stream is guarded as well. */
  #hand(value: unknown, key: string, path: string): unknown {
    const presented = this.#present(value, key);
    if (presented !== value || !this.#isStream(value)) return presented;
    const known = this.#nested.get(value);
    if (known !== undefined) return known;
    const { lazy: _, ...place } = this.#place;
    const own = { ...place, path, iterates: true, isStream: true };
    const guarded = withoutProxy(value, this.#itemsPlace(path)) ??
      new GuardedObject(value, own).proxy;
    this.#nested.set(value, guarded);
    return guarded;
  }

  #isStream(value: unknown): value is AsyncIterable<unknown> {
    return this.#place.settings.streams !== undefined && value !== this.#target &&
      isAsyncIterable(value);
  }

  /** What the caller gets: the guard for the object itself, and for what is nested in it. */
  #present(value: unknown, key: string | symbol): unknown {
    if (value === this.#target) return this.proxy;
    return typeof key === "string" ? this.#nest(value, key) : value;
  }

  #nest(value: unknown, key: string): unknown {
    const { settings, path } = this.#place;
    if (typeof value !== "object" || value === null || !settings.nested.has(key)) return value;
    if (isThenable(value)) return value;
    const known = this.#nested.get(value);
    if (known !== undefined) return known;
    const { lazy: _, ...place } = this.#place;
    const own = { ...place, path: `${path}.${key}`, iterates: true };
    const { proxy } = new GuardedObject(value, own);
    this.#nested.set(value, proxy);
    return proxy;
  }
}

function isIterating(key: string | symbol): boolean {
  return key === Symbol.asyncIterator || key === Symbol.asyncDispose || key === "next" ||
    key === "return" || key === "throw";
}

function unwrap(value: unknown): unknown {
  return typeof value === "object" || typeof value === "function"
    ? targets.get(value ?? targets) ?? value
    : value;
}

/** Whether it can be called. */
export function isCallable(value: unknown): value is Callable {
  return typeof value === "function";
}

function thenableOf(target: object): PromiseLike<unknown> {
  if (isThenable(target)) return target;
  throw new TypeError("Cannot await the result of a guarded method: its then is gone");
}

/** Whether a property is there for good, so that a proxy must answer with it as it is. */
export function isFrozen(target: object, key: string | symbol): boolean {
  const property = Reflect.getOwnPropertyDescriptor(target, key);
  return property !== undefined && !property.configurable && property.writable === false;
}
