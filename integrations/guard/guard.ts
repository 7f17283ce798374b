import { OptionsCheck } from "../../src/check/check_options.ts";
import { describeValue } from "../../src/check/describe_value.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { type GuardOptions, guardSettings } from "./guard_options.ts";
import { GuardedObject, isCallable, isFrozen } from "./guarded_object.ts";

/**
 * Puts a breaker around a client: an object of the client's own type, whose asynchronous methods
 * run through the breaker `name`, or with `shared: false` through one per method.
 *
 * Methods run with the client itself as `this`, are learned to be asynchronous when they first
 * return a promise, and are otherwise left alone; see the module's description. A client that is
 * a function (postgres.js's `sql`, knex) is guarded for its own calls too. Calls that the client's
 * methods make to one another do not pass the breaker again.
 *
 * An error that a transaction's callback throws is the transaction's own: tell those of the
 * program from the database's by `isIgnored`.
 *
 * @example Usage
 * ```ts
 * import { createBreaker } from "@switchgear/breaker";
 * import { guard } from "@switchgear/breaker/guard";
 * import assert from "node:assert/strict";
 *
 * const client = { get: (key: string): Promise<string> => Promise.resolve(`value of ${key}`) };
 * const breaker = createBreaker("cache");
 * const cache = guard(client, { getBreaker: () => breaker }, { name: "cache" });
 * assert.equal(await cache.get("a"), "value of a");
 * ```
 *
 * @typeParam T The client's type.
 * @param client The client; it is not changed.
 * @param provider Where the breakers come from.
 * @param options The breaker's name, and what is guarded how.
 * @returns The guarded client.
 * @throws {TypeError} If the client is no object, an option is not known or not of its form, or a method that would be guarded is frozen.
 */
export function guard<T extends object>(
  client: T,
  provider: Pick<Provider, "getBreaker">,
  options: GuardOptions,
): T {
  new OptionsCheck("guard client").object("client", client);
  new OptionsCheck("guard client").object("provider", provider);
  const settings = guardSettings(options);
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(client))) {
    if (settings.coverage(key) === "never" || !isCallable(value) || !isFrozen(client, key)) {
      continue;
    }
    throw new TypeError(
      `Cannot guard client: its method ${describeValue(key)} is frozen; leave it out of "methods"`,
    );
  }
  return new GuardedObject(client, {
    settings,
    path: settings.name,
    iterates: settings.coverage("Symbol.asyncIterator") !== "never",
    breakerOf: (path) => provider.getBreaker(settings.shared ? settings.name : path),
  }).proxy;
}
