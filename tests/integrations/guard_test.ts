import assert from "node:assert/strict";
import { guard } from "../../integrations/guard/mod.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";
import { Breakers, Client, DOWN, guarded } from "./guard_subject.ts";

Deno.test("guard: a method's result and error are the client's own", async () => {
  const { client, target } = guarded();
  assert.equal(await client.read("a"), "value of a");
  target.down = true;
  await assert.rejects(client.read("a"), (error) => error === DOWN);
});

Deno.test("guard: calls that fail open the breaker, which refuses without calling the client", async () => {
  const { client, target, breaker } = guarded();
  target.down = true;
  for (let i = 0; i < 2; i++) await assert.rejects(client.read("a"), DOWN);
  await assert.rejects(client.read("a"), { name: "BreakerOpenError", breaker: "db" });
  assert.equal(target.calls, 2);
  assert.equal(breaker.counts.rejected, 1);
});

Deno.test("guard: the client that is back closes the breaker", async () => {
  const { client, target, breaker, breakers } = guarded();
  target.down = true;
  for (let i = 0; i < 2; i++) await assert.rejects(client.read("a"), DOWN);
  target.down = false;
  breakers.clock.advance(1_000);
  assert.equal(await client.read("a"), "value of a");
  assert.equal(breaker.state, "closed");
});

Deno.test("guard: by default all methods share one breaker", async () => {
  const { client, breakers, breaker } = guarded();
  await Promise.all([client.read("a"), client.write("a")]);
  assert.deepEqual(breakers.names, ["db"]);
  assert.equal(breaker.counts.successes, 2);
});

Deno.test("guard: with shared off each method has a breaker of its own", async () => {
  const { client, breakers, target } = guarded({ shared: false });
  target.down = true;
  for (let i = 0; i < 2; i++) await assert.rejects(client.read("a"), DOWN);
  await assert.rejects(client.read("a"), { breaker: "db.read" });
  await assert.rejects(client.write("a"), DOWN);
  assert.deepEqual(breakers.names.slice(1), ["db.read", "db.write"]);
});

Deno.test("guard: a call that the client makes to itself does not pass the breaker again", async () => {
  const { client, breaker } = guarded();
  await client.readTwice("a");
  assert.equal(breaker.counts.calls, 1);
});

Deno.test("guard: private fields, getters, setters and symbols work on the client itself", async () => {
  const { client, target } = guarded();
  client.prefix = "new ";
  assert.equal(client.prefix, "new ");
  assert.equal(target.prefix, "new ");
  assert.equal(String(client), "[object new ]");
  const seen: string[] = [];
  for await (const value of client) seen.push(value);
  assert.deepEqual(seen, ["new "]);
});

Deno.test("guard: the guarded client is an instance of the client's class", () => {
  const { client } = guarded();
  assert(client instanceof Client);
  assert.equal(client.constructor, client.constructor);
  assert.equal(Reflect.get(client.constructor, "kind"), "client");
  assert(Reflect.construct(client.constructor, []) instanceof Client);
});

Deno.test("guard: a method is the same function each time, with its own name and length", () => {
  const { client } = guarded();
  const { read } = client;
  assert.equal(read, client.read);
  assert.equal(read.name, "read");
  assert.equal(read.length, 1);
});

Deno.test("guard: a method that is replaced later is guarded anew", async () => {
  const { client, breaker } = guarded();
  await client.read("a");
  client.read = () => Promise.resolve("replaced");
  assert.equal(await client.read("a"), "replaced");
  assert.equal(breaker.counts.calls, 2);
});

Deno.test("guard: objects that the client holds are its own", () => {
  const { client, target } = guarded();
  assert.equal(client.settings, target.settings);
});

Deno.test("guard: a method that returns the client returns the guarded one", async () => {
  const { client } = guarded();
  assert.equal(client.withPrefix("new "), client);
  assert.equal(await client.connect(), client);
  assert.equal(client.on("event", () => {}), client);
});

Deno.test("guard: events reach their listeners, once and for good", () => {
  const { client, target } = guarded();
  const heard: string[] = [];
  const listener = (text: string) => void heard.push(text);
  client.on("event", listener);
  client.once("event", (text: string) => heard.push(`once ${text}`));
  client.emit("event", "a");
  target.emit("event", "b");
  client.off("event", listener);
  client.emit("event", "c");
  assert.deepEqual(heard, ["a", "once a", "b"]);
});

Deno.test("guard: an error that isIgnored or isFailure tells apart is counted so", async () => {
  const { client, target, breaker } = guarded({
    isIgnored: (error) => error === DOWN,
    isFailure: () => false,
  });
  target.down = true;
  await assert.rejects(client.read("a"), DOWN);
  assert.equal(breaker.counts.calls, 0);
});

Deno.test("guard: the provider's own predicates hold where the guard has none", async () => {
  const breakers = new Breakers({}, { isIgnored: (error) => error === DOWN });
  const client = guard(Object.assign(new Client(), { down: true }), breakers, { name: "db" });
  await assert.rejects(client.read("a"), DOWN);
  assert.equal(breakers.getBreaker("db").counts.calls, 0);
});

Deno.test("guard: a failing call that nobody awaits is reported once", async () => {
  const { client, target } = guarded();
  target.down = true;
  const unhandled = await unhandledDuring(() => {
    void client.read("a");
    client.size();
  });
  assert.deepEqual(unhandled, [DOWN]);
});

Deno.test("guard: a client whose guarded method is frozen is refused, or left alone where told so", () => {
  const client = Object.freeze({ read: () => Promise.resolve(1) });
  const breakers = new Breakers();
  assert.throws(() => guard(client, breakers, { name: "db" }), /its method "read" is frozen/);
  const free = guard(client, breakers, { name: "db", methods: [] });
  assert.equal(free.read, client.read);
});

const WRONG: readonly { options: object; message: RegExp }[] = [
  { options: {}, message: /Cannot guard client: "name" must be a text, received undefined/ },
  {
    options: { name: "a", method: [] },
    message: /unknown option "method"; did you mean "methods"/,
  },
  { options: { name: "a", methods: "query" }, message: /"methods" must be a list of names/ },
  { options: { name: "a", methods: [1] }, message: /"methods" must be a text, received 1/ },
  { options: { name: "a", nested: "x" }, message: /"nested" must be a list of names/ },
  { options: { name: "a", shared: 1 }, message: /"shared" must be one of true, false/ },
  { options: { name: "a", late: 1 }, message: /"late" must be a function/ },
  { options: { name: "a", isFailure: 1 }, message: /"isFailure" must be a function/ },
];

for (const { options, message } of WRONG) {
  Deno.test(`guard: options ${JSON.stringify(options)} are refused`, () => {
    const call = () => Reflect.apply(guard, undefined, [new Client(), new Breakers(), options]);
    assert.throws(call, { name: "TypeError", message });
  });
}

Deno.test("guard: what is no object is refused", () => {
  const call = () => Reflect.apply(guard, undefined, ["redis://", new Breakers(), { name: "a" }]);
  assert.throws(call, { message: /Cannot guard client: "client" must be an object/ });
});
