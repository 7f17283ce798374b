import assert from "node:assert/strict";
import { natsFailure, postgresFailure, redisFailure } from "../../integrations/guard/mod.ts";

interface Case {
  readonly what: string;
  readonly error: unknown;
  readonly isFailure: boolean;
}

function system(code: string): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code, errno: -1 });
}

function sql(code: string): Error {
  return Object.assign(new Error("as PostgreSQL says"), { name: "error", code, severity: "ERROR" });
}

function reply(message: string): Error {
  return Object.assign(new Error(message), { name: "ReplyError" });
}

/** As node-redis's, whose errors have no name of their own. */
class SimpleError extends Error {}

function jetstream(name: string, status: number): Error {
  return Object.assign(new Error("as JetStream says"), { name, status, code: 10_000 });
}

const OF_NO_SERVER: readonly Case[] = [
  { what: "a refused connection", error: system("ECONNREFUSED"), isFailure: true },
  {
    what: "a closed pipe, whose code looks like a SQLSTATE",
    error: system("EPIPE"),
    isFailure: true,
  },
  { what: "an error of no known kind", error: new Error("?"), isFailure: true },
  { what: "a text", error: "down", isFailure: true },
  { what: "nothing", error: undefined, isFailure: true },
];

const PREDICATES: Record<
  string,
  { predicate: (error: unknown) => boolean; cases: readonly Case[] }
> = {
  postgresFailure: {
    predicate: postgresFailure,
    cases: [
      { what: "a violated constraint", error: sql("23505"), isFailure: false },
      { what: "bad data", error: sql("22P02"), isFailure: false },
      { what: "wrong SQL", error: sql("42601"), isFailure: false },
      { what: "a deadlock", error: sql("40P01"), isFailure: false },
      { what: "a connection exception", error: sql("08006"), isFailure: true },
      { what: "too many connections", error: sql("53300"), isFailure: true },
      { what: "a shutdown", error: sql("57P01"), isFailure: true },
      { what: "an I/O error", error: sql("58030"), isFailure: true },
      { what: "an internal error", error: sql("XX000"), isFailure: true },
      { what: "a severity without a SQLSTATE", error: sql("none"), isFailure: true },
      { what: "Redis's answer", error: reply("WRONGTYPE Operation"), isFailure: true },
    ],
  },
  redisFailure: {
    predicate: redisFailure,
    cases: [
      { what: "a wrong type", error: reply("WRONGTYPE Operation against a key"), isFailure: false },
      { what: "node-redis's wrong type", error: new SimpleError("WRONGTYPE"), isFailure: false },
      { what: "an unknown script", error: reply("NOSCRIPT No matching script"), isFailure: false },
      { what: "a wrong argument", error: reply("ERR value is not an integer"), isFailure: false },
      { what: "a word that begins like one", error: reply("BUSYGROUP exists"), isFailure: false },
      { what: "loading", error: reply("LOADING Redis is loading"), isFailure: true },
      { what: "a replica", error: reply("READONLY You can't write"), isFailure: true },
      { what: "a lost cluster", error: reply("CLUSTERDOWN The cluster"), isFailure: true },
      { what: "a lost primary", error: reply("MASTERDOWN Link with MASTER"), isFailure: true },
      { what: "full memory", error: reply("OOM command not allowed"), isFailure: true },
      { what: "too many", error: reply("ERR max number of clients reached"), isFailure: true },
      { what: "PostgreSQL's answer", error: sql("23505"), isFailure: true },
    ],
  },
  natsFailure: {
    predicate: natsFailure,
    cases: [
      { what: "400", error: jetstream("JetStreamApiError", 400), isFailure: false },
      { what: "no stream", error: jetstream("StreamNotFoundError", 404), isFailure: false },
      { what: "no consumer", error: jetstream("ConsumerNotFoundError", 404), isFailure: false },
      {
        what: "a wrong argument",
        error: Object.assign(new Error(), { name: "InvalidArgumentError" }),
        isFailure: false,
      },
      { what: "503", error: jetstream("JetStreamApiError", 503), isFailure: true },
      { what: "a foreign status", error: jetstream("HttpError", 404), isFailure: true },
      {
        what: "no answer in time",
        error: Object.assign(new Error("timeout"), { name: "TimeoutError" }),
        isFailure: true,
      },
    ],
  },
};

for (const [name, { predicate, cases }] of Object.entries(PREDICATES)) {
  for (const { what, error, isFailure } of [...OF_NO_SERVER, ...cases]) {
    Deno.test(`${name}: ${what} is ${isFailure ? "a" : "no"} failure`, () => {
      assert.equal(predicate(error), isFailure);
    });
  }
}
