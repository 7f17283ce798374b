import assert from "node:assert/strict";
import process from "node:process";
import { envBackend } from "../../backends/env.ts";
import { encodeEnvName } from "../../backends/env/env_names.ts";
import { BackendError } from "../../src/errors.ts";
import { testBackendContract } from "./contract.ts";

testBackendContract({
  name: "env",
  watches: false,
  writable: false,
  open: (documents, collection) => {
    const env: Record<string, string> = { PATH: "/bin" };
    for (const [name, text] of documents) env[`SWITCHGEAR_POLICY_${encodeEnvName(name)}`] = text;
    if (collection !== undefined) env["SWITCHGEAR_POLICIES"] = collection;
    return Promise.resolve({
      backend: envBackend({ env }),
      prefix: "/ignored/",
      put: () => Promise.reject(new Error("an environment is read once")),
      remove: () => Promise.reject(new Error("an environment is read once")),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
});

Deno.test("env: a document's source is the name of its variable", async () => {
  const env = { SWITCHGEAR_POLICY_grpc_3Ausers: "{}", SWITCHGEAR_POLICIES: "{}" };
  const { entries } = await envBackend({ env }).read("");
  assert.deepEqual(
    entries.map(({ kind, name, source }) => [kind, name, source]),
    [
      ["collection", "breakers", "SWITCHGEAR_POLICIES"],
      ["policy", "grpc:users", "SWITCHGEAR_POLICY_grpc_3Ausers"],
    ],
  );
});

Deno.test("env: a variable whose name encodes no breaker's name is noted, the others count", async () => {
  const env = { SWITCHGEAR_POLICY_user_service: "{}", SWITCHGEAR_POLICY_users: "{}" };
  const { entries, notes } = await envBackend({ env }).read("");
  assert.deepEqual(entries.map((entry) => entry.name), ["users"]);
  assert.equal(notes?.length, 1);
  assert.match(notes[0] ?? "", /SWITCHGEAR_POLICY_user_service/);
});

Deno.test("env: other variables and those of other prefixes are left alone", async () => {
  const env = {
    SWITCHGEAR_OTHER: "x",
    MYAPP_POLICY_users: "{}",
    SWITCHGEAR_POLICY_gone: undefined,
  };
  const theirs = await envBackend({ env }).read("");
  assert.deepEqual([theirs.entries, theirs.notes], [[], []]);
  const ours = envBackend({ env, prefix: "MYAPP_" });
  assert.deepEqual((await ours.read("")).entries.map((entry) => entry.name), ["users"]);
  assert.equal(ours.description, "env(MYAPP_)");
});

Deno.test("env: what it read first stays, whatever becomes of the environment", async () => {
  const env = { SWITCHGEAR_POLICY_users: "{}" };
  const backend = envBackend({ env });
  const first = await backend.read("");
  env.SWITCHGEAR_POLICY_users = "[]";
  assert.deepEqual(await backend.read("/elsewhere/"), first);
});

Deno.test("env: it reads the environment of the process unless given another", async () => {
  process.env["SWITCHGEAR_POLICY_of_20this_20test"] = "{}";
  try {
    const { entries } = await envBackend().read("");
    assert.ok(entries.some((entry) => entry.name === "of this test"));
  } finally {
    delete process.env["SWITCHGEAR_POLICY_of_20this_20test"];
  }
});

Deno.test("env: an environment that must not be read is a backend error", async () => {
  const env = new Proxy({}, {
    ownKeys: () => {
      throw new Error("not permitted");
    },
  });
  const backend = envBackend({ env });
  await assert.rejects(
    backend.read(""),
    (error) =>
      error instanceof BackendError && error.backend === "env" &&
      /SWITCHGEAR_.*not permitted/.test(error.message),
  );
});
