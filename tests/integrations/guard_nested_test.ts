import assert from "node:assert/strict";
import { guard } from "../../integrations/guard/mod.ts";
import { Breakers } from "./guard_subject.ts";

/** A pool that lends connections, as late as it is told to. */
class Pool {
  readonly lent: { release(): void; query(): Promise<string> }[] = [];
  released = 0;
  answer: () => void = () => {};
  readonly child = { ping: (): Promise<string> => Promise.resolve("pong") };

  connect(): Promise<{ release(): void; query(): Promise<string> }> {
    const connection = {
      release: () => void this.released++,
      query: () => Promise.resolve("rows"),
    };
    this.lent.push(connection);
    return new Promise((resolve) => this.answer = () => resolve(connection));
  }
}

Deno.test("guard: a connection that comes after the time limit is given back", async () => {
  const breakers = new Breakers({ timeout: "100ms" });
  const pool = new Pool();
  const call = guard(pool, breakers, { name: "db" }).connect();
  const refused = assert.rejects(call, { name: "BreakerTimeoutError" });
  breakers.clock.advance(100);
  await refused;
  assert.equal(pool.released, 0);
  pool.answer();
  await new Promise(setImmediate);
  assert.equal(pool.released, 1);
});

Deno.test("guard: a connection that comes in time is not given back", async () => {
  const pool = new Pool();
  const call = guard(pool, new Breakers({ timeout: "100ms" }), { name: "db" }).connect();
  pool.answer();
  await call;
  await new Promise(setImmediate);
  assert.equal(pool.released, 0);
});

Deno.test("guard: late takes what comes too late, and may throw", async () => {
  const breakers = new Breakers({ timeout: "100ms" });
  const pool = new Pool();
  const taken: unknown[] = [];
  const late = (value: unknown, method: string) => {
    taken.push(value, method);
    throw new Error("cannot give back");
  };
  const refused = assert.rejects(guard(pool, breakers, { name: "db", late }).connect());
  breakers.clock.advance(100);
  await refused;
  pool.answer();
  await new Promise(setImmediate);
  assert.deepEqual(taken, [pool.lent[0], "connect"]);
  assert.match(breakers.reports.join(), /late failed/);
});

Deno.test("guard: what nested methods resolve to is guarded, under a path of its own", async () => {
  const breakers = new Breakers();
  const pool = new Pool();
  const client = guard(pool, breakers, { name: "db", shared: false, nested: ["connect", "child"] });
  const lending = client.connect();
  pool.answer();
  const connection = await lending;
  assert.equal(await connection.query(), "rows");
  assert.equal(await client.child.ping(), "pong");
  assert.equal(client.child, client.child);
  assert.deepEqual(breakers.names, ["db.connect", "db.connect.query", "db.child.ping"]);
});

Deno.test("guard: a guarded object is handed to the client as the client's own", () => {
  const held = { id: 1 };
  const target = { held, holds: (value: unknown): boolean => value === held };
  const client = guard(target, new Breakers(), { name: "db", nested: ["held"] });
  assert.notEqual(client.held, held);
  assert(client.holds(client.held));
});
