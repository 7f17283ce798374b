import assert from "node:assert/strict";
import { guard } from "../../integrations/guard/mod.ts";
import { Breakers, Client, DOWN, guarded } from "./guard_subject.ts";

const SYNC: Record<string, (client: Client) => unknown> = {
  "a number": (client) => client.size(),
  "the client": (client) => client.withPrefix("new "),
  "nothing, by callback": (client) => client.fetch("a", () => {}),
};

for (const [what, call] of Object.entries(SYNC)) {
  Deno.test(`guard: a method that returns ${what} is not counted`, () => {
    const { client, breaker } = guarded();
    for (let i = 0; i < 3; i++) call(client);
    assert.equal(breaker.counts.calls, 0);
    assert.equal(breaker.counts.rejected, 0);
  });

  Deno.test(`guard: a method that returns ${what} works while the breaker is open`, () => {
    const { client, breaker } = guarded();
    breaker.override("forced-open");
    for (let i = 0; i < 2; i++) assert.doesNotThrow(() => call(client));
    assert.equal(breaker.counts.rejected, 0);
  });
}

Deno.test("guard: a synchronous method leaves half-open its only probe", async () => {
  const { client, target, breakers, breaker } = guarded();
  target.down = true;
  for (let i = 0; i < 2; i++) await assert.rejects(client.read("a"), DOWN);
  breakers.clock.advance(1_000);
  const probed = guard({ size: () => 1 }, breakers, { name: "db" });
  assert.equal(probed.size(), 1);
  assert.equal(breaker.state, "half-open");
  target.down = false;
  await client.read("a");
  assert.equal(breaker.state, "closed");
});

Deno.test("guard: a method taken off the client has the this that it is called with", async () => {
  const target = {
    me(this: unknown): Promise<unknown> {
      return Promise.resolve(this);
    },
  };
  const client = guard(target, new Breakers(), { name: "db" });
  const { me } = client;
  assert.equal(await me(), undefined);
  assert.equal(await me.call(5), 5);
  assert.equal(await me.bind(client)(), client);
});

Deno.test("guard: guards can stand around one another", async () => {
  const breakers = new Breakers();
  const inner = guard(new Client(), breakers, { name: "inner" });
  assert.equal(await guard(inner, breakers, { name: "outer" }).read("a"), "value of a");
  assert.equal(breakers.getBreaker("inner").counts.calls, 1);
  assert.equal(breakers.getBreaker("outer").counts.calls, 1);
});

Deno.test("guard: what ends the client works while the breaker is open", async () => {
  const { client, breaker } = guarded();
  breaker.override("forced-open");
  for (let i = 0; i < 2; i++) assert.equal(await client.close(), "value of closed");
});

Deno.test("guard: an async function is refused from its first call", async () => {
  const { client, breaker, target } = guarded();
  breaker.override("forced-open");
  await assert.rejects(client.write("a"), { code: "BREAKER_OPEN" });
  assert.equal(target.calls, 0);
});

Deno.test("guard: a method that is not known to be asynchronous slips through an open breaker once", async () => {
  class Fresh {
    calls = 0;
    read(): Promise<number> {
      return Promise.resolve(++this.calls);
    }
  }
  const breakers = new Breakers({ mode: "forced-open" });
  const first = guard(new Fresh(), breakers, { name: "db" });
  assert.equal(await first.read(), 1);
  await assert.rejects(first.read(), { code: "BREAKER_OPEN" });
  const second = guard(new Fresh(), breakers, { name: "db" });
  await assert.rejects(second.read(), { code: "BREAKER_OPEN" }, "learned for the class");
});

Deno.test("guard: a listed method is refused from its first call, and no other is guarded", async () => {
  class Fresh {
    read(): Promise<string> {
      return Promise.resolve("read");
    }
    async write(): Promise<string> {
      return await Promise.resolve("written");
    }
  }
  const breakers = new Breakers({ mode: "forced-open" });
  const client = guard(new Fresh(), breakers, { name: "db", methods: ["read"] });
  await assert.rejects(client.read(), { code: "BREAKER_OPEN" });
  assert.equal(await client.write(), "written");
});

Deno.test("guard: methods can be chosen by a predicate", async () => {
  const { client, breaker } = guarded({ methods: (name) => name.startsWith("w") });
  await client.read("a");
  await client.write("a");
  assert.equal(breaker.counts.calls, 1);
});

Deno.test("guard: what a method throws at once reaches the caller at once, and is not counted", () => {
  const { client, breaker } = guarded();
  for (let i = 0; i < 3; i++) assert.throws(() => client.refuse(), /a key is needed/);
  assert.equal(breaker.counts.calls, 0);
});

Deno.test("guard: a promise of a method that takes a callback is guarded", async () => {
  const { client, breaker } = guarded();
  assert.equal(await client.transact((key) => Promise.resolve(key)), "value of ");
  assert.equal(breaker.counts.successes, 1);
});

Deno.test("guard: a method that returns a stream now and a promise then gives each as it is", async () => {
  const target = { query: (text: string): unknown => text === "stream" ? [1] : Promise.resolve(2) };
  const client = guard(target, new Breakers(), { name: "db" });
  assert.equal(await client.query("rows"), 2);
  assert.deepEqual(client.query("stream"), [1]);
  assert.equal(await client.query("rows"), 2);
});
