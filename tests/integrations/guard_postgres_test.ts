// A real PostgreSQL and its clients, whose time is the system's.
import assert from "node:assert/strict";
// @ts-types="npm:@types/pg@8.23.1"
import pg from "npm:pg@8.23.1";
import postgres from "npm:postgres@3.4.9";
import { guard } from "../../integrations/guard/mod.ts";
import { POSTGRES, PostgresServer } from "../servers/postgres.ts";
import { serverTests } from "../servers/server_tests.ts";
import { connectionsTo, endure, Load, OUTAGES, quickProvider } from "./guard_outage.ts";
import { until } from "../support/until.ts";

const MAX_CONNECTIONS = 4;
const SESSIONS =
  "select count(*)::int as n from pg_stat_activity where backend_type = 'client backend'";
const test = await serverTests(POSTGRES);

for (const outage of OUTAGES) {
  test(`guard: pg under load while PostgreSQL is ${outage}`, async () => {
    await using server = await PostgresServer.start();
    await using provider = await quickProvider();
    const real = new pg.Pool({ connectionString: server.url, max: MAX_CONNECTIONS });
    const pool = guard(real, provider, { name: "orders-db", nested: ["connect"] });
    // Connections that the server has lost tell, idle ones by the pool.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    try {
      {
        await using load = new Load(async () => {
          const client = await pool.connect();
          const { rows } = await client.query<{ n: number }>("select 1 as n")
            .catch((error: Error) => {
              client.release(error);
              throw error;
            });
          client.release();
          assert.equal(rows[0]?.n, 1);
        });
        await endure(server, { outage, breaker: provider.getBreaker("orders-db"), load });
      }
      assert.equal(real.waitingCount, 0);
      await until(() => real.idleCount === real.totalCount, "no connection is lent any more");
      await until(
        async () => await connectionsTo(server.port) === real.totalCount,
        "sockets are as many as the pool's connections",
      );
      await until(
        async () => (await real.query<{ n: number }>(SESSIONS)).rows[0]?.n === real.totalCount,
        "sessions are as many as the pool's connections",
      );
      assert(real.totalCount <= MAX_CONNECTIONS, `${real.totalCount} connections`);
    } finally {
      await pool.end();
    }
    await until(async () => await connectionsTo(server.port) === 0, "no socket is left");
  });

  test(`guard: postgres.js under load while PostgreSQL is ${outage}`, async () => {
    await using server = await PostgresServer.start();
    await using provider = await quickProvider();
    const sql = guard(
      postgres(server.url, {
        max: MAX_CONNECTIONS,
        backoff: () => 0.05,
        connect_timeout: 1,
        // A connection that is lost while postgres.js asks for the types on it is a rejection that nobody handles.
        fetch_types: false,
      }),
      provider,
      { name: "orders-db" },
    );
    try {
      {
        await using load = new Load(async () => {
          const [row] = await sql`select ${1}::int as n where ${sql`true`}`;
          assert.equal(row?.["n"], 1);
        });
        await endure(server, { outage, breaker: provider.getBreaker("orders-db"), load });
      }
      await until(
        async () => await connectionsTo(server.port) <= MAX_CONNECTIONS,
        "sockets are at most the pool's connections",
      );
    } finally {
      await sql.end({ timeout: 1 });
    }
    await until(async () => await connectionsTo(server.port) === 0, "no socket is left");
  });
}

test("guard: PostgreSQL's answers are no failures, its lack of resources is one", async () => {
  await using server = await PostgresServer.start();
  await using provider = await quickProvider();
  const pool = guard(new pg.Pool({ connectionString: server.url }), provider, { name: "pg" });
  const sql = guard(postgres(server.url), provider, { name: "postgres" });
  try {
    await pool.query("create table orders (id int primary key)");
    await pool.query("insert into orders values (1)");
    for (
      const text of ["insert into orders values (1)", "selec", "select 1/0", "select * from no"]
    ) {
      await assert.rejects(pool.query(text));
      await assert.rejects(async () => await sql.unsafe(text));
    }
    for (const name of ["pg", "postgres"]) {
      assert.equal(provider.getBreaker(name).counts.failures, 0, name);
    }
    const full = "do $$ begin raise too_many_connections; end $$";
    await assert.rejects(pool.query(full));
    await assert.rejects(async () => await sql.unsafe(full));
    for (const name of ["pg", "postgres"]) {
      assert.equal(provider.getBreaker(name).counts.failures, 1, name);
    }
  } finally {
    await pool.end();
    await sql.end({ timeout: 1 });
  }
});

test("guard: transactions and cursors of postgres.js run as before", async () => {
  await using server = await PostgresServer.start();
  await using provider = await quickProvider();
  const sql = guard(postgres(server.url), provider, { name: "db" });
  try {
    const rows = await sql.begin(async (transaction) => {
      await transaction`create table orders (id int)`;
      return await transaction`insert into orders ${sql([{ id: 1 }, { id: 2 }])} returning id`;
    });
    assert.deepEqual(rows.map((row) => row["id"]), [1, 2]);
    const batches: number[] = [];
    for await (const batch of sql`select * from orders`.cursor(1)) batches.push(batch.length);
    assert.deepEqual(batches, [1, 1]);
    assert.deepEqual([...await sql`select id from orders`.values()], [[1], [2]]);
    assert.equal(provider.getBreaker("db").counts.calls, 3); // the transaction, the cursor, the query
  } finally {
    await sql.end();
  }
});
