/**
 * A breaker around any client object: a database's pool, a cache's client, a queue's producer.
 *
 * What {@linkcode guard} returns has the client's own type and is used in its place. Methods run
 * with the client itself as `this`, so private fields, getters, events, streams, iterators and
 * `instanceof` work as before; what returns the client returns the guarded one.
 *
 * Which calls are guarded: JavaScript does not tell which methods will return a promise, and a
 * breaker must decide before the call. So the guard learns. A method's first call tells what it
 * returns; what is no promise is handed on as it is and counts as ignored. A method that has
 * returned a promise is from then on refused, by a promise that rejects, while the breaker is
 * open. A method that has not is never refused: refusing `client.on(…)` by an exception would do
 * more harm than the one call that slips through per method, and per process, if the breaker is
 * open before the method was ever called. `async` functions, and methods listed by name in
 * `methods`, are refused from the start. With and without a callback as the last argument a
 * method is learned apart: `pool.query(text, callback)` stays unguarded, as it returns nothing to
 * guard. What a method that is no `async` function throws at once is the caller's mistake (a wrong
 * argument) and no failure.
 *
 * A thenable of a class of its own is taken as lazy, as the queries of postgres.js, knex and
 * Prisma are: it is admitted when it is awaited, started by one call of its `then` and never
 * twice, and can be built upon and passed to the client's methods until then.
 *
 * Async iterables that methods return, generate or promise are streams, which go through the breaker
 * as they are iterated: admitted at the first item, a failure if they break off. Only the time spent
 * waiting for their items counts. They keep their class and their other members, which are not
 * guarded. A promise that brings one counts for nothing, because the stream does. The option
 * `streams` sets their limits; `streams: false` is for subscriptions, which may be silent for long.
 *
 * Answers are no failures: an error that a server that works gave to a request that it could not
 * grant (a violated constraint, a wrong type, an unknown stream) counts as a success unless
 * `isFailure` says otherwise.
 *
 * Give the policy a `timeout`, or a server that hangs is noticed by nobody. Clients take no signal:
 * after the time limit the caller is told so, and the request runs on in the client. If it still
 * resolves to something borrowed, such as a pool's connection, that is given back by its
 * `release()`.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { guard } from "@switchgear/breaker/guard";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import assert from "node:assert/strict";
 *
 * class Pool {
 *   async query(text: string): Promise<string[]> {
 *     if (text === "down") throw new Error("connection refused");
 *     return await Promise.resolve([text]);
 *   }
 * }
 *
 * await using provider = await createProvider(getDefaultConfig("orders", "development"), {
 *   backend: memoryBackend({ "orders-db": { failureThreshold: 2, timeout: "1s" } }),
 * });
 * const pool = guard(new Pool(), provider, { name: "orders-db" });
 *
 * assert.deepEqual(await pool.query("select 1"), ["select 1"]);
 * await assert.rejects(pool.query("down"), /connection refused/);
 * await assert.rejects(pool.query("down"), /connection refused/);
 * await assert.rejects(pool.query("select 1"), { code: "BREAKER_OPEN" });
 * ```
 *
 * @module
 */
export { guard } from "./guard.ts";
export type { GuardOptions, GuardStreamOptions } from "./guard_options.ts";
export { natsFailure } from "./nats_failure.ts";
export { postgresFailure } from "./postgres_failure.ts";
export { redisFailure } from "./redis_failure.ts";
