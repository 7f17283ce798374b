import assert from "node:assert/strict";
import { envBackend } from "../../backends/env.ts";
import { layered } from "../../backends/layered.ts";
import { type MemoryBackend, memoryBackend } from "../../backends/memory.ts";
import { BackendError } from "../../src/errors.ts";
import type { ConfigBackend } from "../../src/provider/backend.ts";
import { microtasks } from "../support/microtasks.ts";
import { testBackendContract } from "./contract.ts";
import { Follower, type WatchEnd } from "./follower.ts";

testBackendContract({
  name: "layered",
  watches: true,
  writable: false,
  open: (documents, collection) => {
    // Every second document lies in the upper layer, the others in the lower.
    const layers: readonly MemoryBackend[] = [memoryBackend(), memoryBackend()];
    const layerOf = (index: number): MemoryBackend | undefined => layers[index % layers.length];
    [...documents].forEach(([name, text], index) => layerOf(index)?.set("p/", name, text));
    if (collection !== undefined) layers[1]?.setCollection("p/", collection);
    let edits = 0;
    return Promise.resolve({
      backend: layered(envBackend({ env: {} }), ...layers),
      prefix: "p/",
      put: (name, text) => {
        for (const layer of layers) layer.unset("p/", name);
        layerOf(edits++)?.set("p/", name, text);
        return Promise.resolve();
      },
      remove: (name) => {
        for (const layer of layers) layer.unset("p/", name);
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
});

testBackendContract({
  name: "layered, of environments",
  watches: false,
  writable: false,
  open: (documents, collection) => {
    const fixed = memoryBackend(Object.fromEntries(documents));
    if (collection !== undefined) fixed.setCollection("", collection);
    return Promise.resolve({
      backend: layered(envBackend({ env: {} }), readOnce(fixed)),
      prefix: "",
      put: () => Promise.reject(new Error("it is read once")),
      remove: () => Promise.reject(new Error("it is read once")),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
});

Deno.test("layered: entries say their layer, sources and notes their backend", async () => {
  const env = { SWITCHGEAR_POLICY_users: `"env"`, SWITCHGEAR_POLICY_a_b: "" };
  const backend = layered(envBackend({ env }), memoryBackend({ users: `"memory"` }));
  assert.equal(backend.description, "layered(env, memory())");
  const { entries, notes } = await backend.read("");
  assert.deepEqual(
    entries.map(({ layer, source, text }) => [layer, source, text]),
    [
      [0, "env SWITCHGEAR_POLICY_users", `"env"`],
      [1, "memory() memory:users", `"memory"`],
    ],
  );
  assert.match(notes?.[0] ?? "", /^env: .*SWITCHGEAR_POLICY_a_b/);
});

Deno.test("layered: layers that call themselves the same have sources of their own", async () => {
  const layers = [memoryBackend({ users: "1" }), memoryBackend({ users: "2" })];
  const { entries } = await layered(...layers).read("");
  assert.deepEqual(
    entries.map((entry) => entry.source),
    ["memory()#0 memory:users", "memory()#1 memory:users"],
  );
});

Deno.test("layered: a layered layer is taken apart, so that its layers keep their order", async () => {
  const [a, b, c] = ["a", "b", "c"].map((text) => memoryBackend({ users: `"${text}"` }));
  assert.ok(a && b && c);
  const backend = layered(a, layered(b, c));
  assert.deepEqual(
    (await backend.read("")).entries.map(({ layer, text }) => [layer, text]),
    [[0, `"a"`], [1, `"b"`], [2, `"c"`]],
  );
});

Deno.test("layered: without a layer it cannot be created", () => {
  assert.throws(() => layered(), RangeError);
});

Deno.test("layered: the first snapshot waits until every layer has been read", async () => {
  const upper = memoryBackend({ users: "1" });
  const lower = memoryBackend({ users: "2", mail: "{}" });
  lower.hang();
  await using follower = new Follower(layered(upper, lower));
  upper.set("", "users", "3");
  await turns();
  assert.equal(follower.updates.length, 0);
  lower.recover();
  await follower.started();
  assert.equal(follower.textOf("users"), "3");
  assert.equal(follower.textOf("mail"), "{}");
});

Deno.test("layered: a layer's document comes to the fore when the one above it goes", async () => {
  const upper = memoryBackend({ users: "1" });
  const lower = memoryBackend({ users: "2" });
  await using follower = await new Follower(layered(upper, lower)).started();
  assert.equal(follower.textOf("users"), "1");
  upper.unset("", "users");
  await follower.until("the lower one", () => follower.textOf("users") === "2");
  upper.set("", "users", "3");
  await follower.until("the upper one again", () => follower.textOf("users") === "3");
  assert.ok(follower.updates.slice(1).every((update) => update.kind === "changes"));
});

Deno.test("layered: a layer that gives its whole state again is given on as a whole", async () => {
  const upper = memoryBackend({ users: "1" });
  const lower = memoryBackend({ mail: "{}" });
  await using follower = await new Follower(layered(upper, lower)).started();
  upper.hang();
  upper.unset("", "users");
  upper.recover();
  await follower.until("the whole state", () => follower.textOf("users") === undefined);
  assert.equal(follower.updates.at(-1)?.kind, "snapshot");
  assert.equal(follower.textOf("mail"), "{}");
});

Deno.test("layered: a layer that fails ends the whole watch and is named", async () => {
  const upper = memoryBackend();
  const lower = memoryBackend();
  await using follower = await new Follower(layered(envBackend({ env: {} }), upper, lower))
    .started();
  const cause = new Error("cut");
  lower.fail(cause);
  assertNames(await follower.end(), /layer 2, memory\(\)#2: cut/, cause);
  await using again = new Follower(layered(upper, lower));
  assertNames(await again.end(), /layer 1, memory\(\)#1: cut/, cause);
});

Deno.test("layered: a read fails with the layer's name, also while another one hangs", async () => {
  const hung = memoryBackend();
  const down = memoryBackend();
  hung.hang();
  down.fail(new Error("cut"));
  await assert.rejects(
    layered(hung, down).read(""),
    (error) =>
      error instanceof BackendError && /read layer 1, memory\(\)#1: cut/.test(error.message),
  );
});

Deno.test("layered: an abort ends a read that hangs, with its reason", async () => {
  const hung = memoryBackend();
  hung.hang();
  const abort = new AbortController();
  const reading = layered(memoryBackend(), hung).read("", { signal: abort.signal });
  const reason = new Error("enough");
  abort.abort(reason);
  await assert.rejects(reading, (error) => error === reason);
});

Deno.test("layered: a layer that does not watch is read once, however often it is watched", async () => {
  const fixed = memoryBackend({ users: "1" });
  const live = memoryBackend({ mail: "1" });
  const backend = layered(readOnce(fixed), live);
  const first = new Follower(backend);
  await first.started();
  fixed.set("", "users", "2");
  live.fail();
  assert.equal((await first.end()).kind, "threw");
  live.set("", "mail", "2");
  live.recover();
  await using second = await new Follower(backend).started();
  assert.equal(second.textOf("users"), "1");
  assert.equal(second.textOf("mail"), "2");
  assert.equal((await backend.read("")).entries[0]?.text, "1");
});

Deno.test("layered: a failed first read is not kept", async () => {
  const fixed = memoryBackend({ users: "1" });
  const backend = layered(readOnce(fixed), memoryBackend());
  fixed.fail();
  await using failed = new Follower(backend);
  assert.equal((await failed.end()).kind, "threw");
  fixed.recover();
  await using follower = await new Follower(backend).started();
  assert.equal(follower.textOf("users"), "1");
});

Deno.test("layered: a layer whose watch ends by itself counts as failed", async () => {
  const ending: ConfigBackend = { ...plain(memoryBackend()), watch: async function* () {} };
  await using follower = new Follower(layered(memoryBackend(), ending));
  assertNames(await follower.end(), /the watch ended by itself/);
});

/** A backend that is read once, made of one that is not. */
function readOnce(backend: ConfigBackend): ConfigBackend {
  return {
    ...plain(backend),
    watches: false,
    watch: () => {
      throw new Error("it does not watch");
    },
  };
}

function plain(backend: ConfigBackend): ConfigBackend {
  return {
    description: backend.description,
    watches: backend.watches,
    read: (prefix, request) => backend.read(prefix, request),
    watch: (prefix, request) => backend.watch(prefix, request),
  };
}

function assertNames(end: WatchEnd, layer: RegExp, cause?: Error): void {
  assert.ok(end.kind === "threw" && end.error instanceof BackendError);
  assert.match(end.error.message, layer);
  assert.match(end.error.backend, /^layered\(/);
  if (cause !== undefined) assert.equal(end.error.cause, cause);
}

/** Lets everything that is already due be done. */
async function turns(): Promise<void> {
  await microtasks(30);
}
