import assert from "node:assert/strict";
import { guard } from "../../integrations/guard/mod.ts";
import type { Policy } from "../../mod.ts";
import { Breakers } from "./guard_subject.ts";

/** A query of postgres.js's kind: a promise that starts when it is awaited. */
class Query extends Promise<string> {
  started = 0;
  text = "select";
  #resolve: (value: string) => void;

  constructor(executor?: (resolve: (value: string) => void) => void) {
    let settle: (value: string) => void = () => {};
    super((resolve) => {
      settle = resolve;
      executor?.(resolve);
    });
    this.#resolve = settle;
  }
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }
  values(): this {
    this.text += " values";
    return this;
  }
  override then<A = string, B = never>(
    resolved?: ((value: string) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.started++;
    this.#resolve(this.text);
    return super.then(resolved, rejected);
  }
}

/** A builder of knex's kind: no promise, but it has a then. */
class Builder implements PromiseLike<string> {
  started = 0;
  text = "select";
  values(): this {
    this.text += " values";
    return this;
  }
  then<A = string, B = never>(
    resolved?: ((value: string) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.started++;
    return Promise.resolve(this.text).then(resolved, rejected);
  }
}

for (
  const [kind, make] of [["promise", () => new Query()], ["object", () => new Builder()]] as const
) {
  const lazyClient = (policy: Policy = {}) => {
    const made: (Query | Builder)[] = [];
    const query = (...parts: unknown[]): Query | Builder => {
      const built = make();
      parts.forEach((part) =>
        assert(!(part instanceof Object) || made.some((own) => own === part))
      );
      made.push(built);
      return built;
    };
    const breakers = new Breakers(policy);
    const client = guard(Object.assign(query, { query }), breakers, { name: "db" });
    return { client, made, breaker: breakers.getBreaker("db") };
  };

  Deno.test(`guard: a lazy ${kind} is not started before it is awaited, and then once`, async () => {
    const { client, made, breaker } = lazyClient();
    const query = client.query();
    await Promise.resolve();
    assert.equal(made[0]?.started, 0);
    assert.equal(breaker.counts.calls, 0);
    assert.equal(await query, "select");
    assert.equal(await query, "select");
    assert.equal(made[0]?.started, 1);
    assert.equal(breaker.counts.calls, 1);
  });

  Deno.test(`guard: a lazy ${kind} can be built upon and keeps its class`, async () => {
    const { client, made } = lazyClient();
    const query = client.query().values();
    assert.equal(made[0]?.started, 0);
    assert(query instanceof (kind === "promise" ? Query : Builder));
    assert.equal(await query, "select values");
  });

  Deno.test(`guard: a lazy ${kind} is handed to the client as the client's own`, async () => {
    const { client, made } = lazyClient();
    const part = client();
    assert.equal(await client(part), "select");
    assert.deepEqual(made.map(({ started }) => started), [0, 1]);
  });

  Deno.test(`guard: a lazy ${kind} that the breaker refuses is never started`, async () => {
    const { client, made } = lazyClient({ mode: "forced-open" });
    await assert.rejects(async () => await client(), { code: "BREAKER_OPEN" });
    assert.equal(made[0]?.started, 0);
  });
}
