import type { Breaker } from "../../src/breaker/breaker.ts";
import type { StreamIterator } from "../../src/breaker/stream/breaker_stream.ts";
import { isAsyncIterable } from "../../src/call/item_source.ts";
import { type Callable, predicatesOf } from "./client_call.ts";
import { endStream } from "./end_stream.ts";
import type { GuardSettings } from "./guard_options.ts";

/** What an object's items go through. */
export interface ItemsPlace {
  readonly settings: GuardSettings;
  /** The breaker, which is asked for when the items are. */
  breaker(): Breaker;
}

/** The members by which a generator is driven. */
const DRIVES = ["next", "return", "throw"] as const;
type Drive = typeof DRIVES[number];

/** An object that is its own iterator, as generators are; a cursor with a `next` of its own is none. */
type Generator = AsyncIterable<unknown> & Record<Drive, Callable>;

/** The members by which an object is iterated, through a breaker. */
export class GuardedItems {
  readonly #target: AsyncIterable<unknown>;
  readonly #place: ItemsPlace;
  readonly #members = new Map<PropertyKey, Callable>();

  /** Guards the iteration of `target`, which is `proxy` to those who iterate it. */
  constructor(target: AsyncIterable<unknown>, proxy: object, place: ItemsPlace) {
    this.#target = target;
    this.#place = place;
    if (isGenerator(target)) this.#drive(target, proxy);
    else this.#members.set(Symbol.asyncIterator, () => this.#iterate());
  }

  /** What stands in the place of a member of the object, where it has to do with iterating. */
  member(key: PropertyKey): Callable | undefined {
    return this.#members.get(key);
  }

  #iterate(): StreamIterator<unknown> {
    const { settings } = this.#place;
    const breaker = this.#place.breaker();
    const options = { ...settings.streams, ...predicatesOf(breaker, settings) };
    const operation = (signal: AbortSignal): AsyncIterable<unknown> => {
      // A hung generator does not hear of its return().
      signal.addEventListener("abort", () => endStream(this.#target), { once: true });
      return this.#target;
    };
    return breaker.stream(operation, options)[Symbol.asyncIterator]();
  }

  /** Before its first item is asked for, a generator is left to itself: it has not run yet. */
  #drive(target: Generator, proxy: object): void {
    let items: StreamIterator<unknown> | undefined;
    let isOver = false;
    const leave = (how: "return" | "throw") => (...args: unknown[]): unknown => {
      if (items !== undefined) return items[how](args[0]);
      isOver = true;
      return target[how](...args);
    };
    const end = leave("return");
    this.#members.set("next", (...args) => {
      if (isOver) return target.next(...args);
      items ??= this.#iterate();
      return args.length === 0 ? items.next() : items.next(args[0]);
    });
    this.#members.set("return", end);
    this.#members.set("throw", leave("throw"));
    this.#members.set(Symbol.asyncIterator, () => proxy);
    this.#members.set(Symbol.asyncDispose, async () => void await end());
  }
}

/**
 * Guards the iteration of an object that cannot have a proxy in its place: the platform's
 * readable stream, which it would not know again, is given an iterator of its own, and one that is
 * frozen is inherited from.
 *
 * @returns `undefined` where a proxy will do.
 */
export function withoutProxy(
  source: AsyncIterable<unknown>,
  place: ItemsPlace,
): object | undefined {
  const own = Object.getOwnPropertyDescriptor(source, Symbol.asyncIterator);
  const isFrozen = own !== undefined && !own.configurable && own.writable === false;
  const isReadable = Object.prototype.toString.call(source) === "[object ReadableStream]";
  if (!isFrozen && !isReadable) return undefined;
  const iterate: unknown = own?.value;
  // What another guard has put there is iterated through, too.
  const items = typeof iterate === "function"
    ? { [Symbol.asyncIterator]: () => Reflect.apply(iterate, source, []) }
    : source;
  const holder: object = isFrozen ? Object.create(source) : source;
  const guarded = new GuardedItems(items, holder, place).member(Symbol.asyncIterator);
  return Object.defineProperty(holder, Symbol.asyncIterator, {
    value: guarded,
    configurable: true,
    writable: true,
  });
}

function isGenerator(value: AsyncIterable<unknown>): value is Generator {
  return DRIVES.every((name) => typeof Reflect.get(value, name, value) === "function");
}

/** The items of an object by a breaker, where it has items. */
export function itemsOf(
  target: object,
  proxy: object,
  place: ItemsPlace,
): GuardedItems | undefined {
  return isAsyncIterable(target) ? new GuardedItems(target, proxy, place) : undefined;
}
