import assert from "node:assert/strict";
import { type MemoryBackend, memoryBackend } from "../../backends/memory.ts";
import { BackendError } from "../../src/errors.ts";
import { microtasks } from "../support/microtasks.ts";
import { testBackendContract } from "./contract.ts";
import { Follower } from "./follower.ts";

testBackendContract({
  name: "memory",
  watches: true,
  writable: true,
  open: (documents, collection) => {
    const backend = memoryBackend(Object.fromEntries(documents));
    const prefix = "/config/dev/im-gateway/breakers/";
    if (collection !== undefined) backend.setCollection(prefix, collection);
    return Promise.resolve({
      backend,
      prefix,
      put: (name, text) => Promise.resolve(void backend.set(prefix, name, text)),
      remove: (name) => Promise.resolve(void backend.unset(prefix, name)),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
});

Deno.test("memory: policy objects are stringified, raw text is left as it is", async () => {
  const backend = memoryBackend({ users: { failureThreshold: 3 }, broken: "{" });
  backend.setCollection("", { mail: { timeout: "1s" } });
  await backend.put("", "chat", { mode: "disabled" });
  assert.deepEqual(
    (await backend.read("")).entries.map(({ name, text }) => [name, text]),
    [
      ["users", `{"failureThreshold":3}`],
      ["broken", "{"],
      ["breakers", `{"mail":{"timeout":"1s"}}`],
      ["chat", `{"mode":"disabled"}`],
    ],
  );
});

Deno.test("memory: each prefix starts with the initial documents and goes its own way", async () => {
  const backend = memoryBackend({ users: "{}" });
  await using follower = await new Follower(backend, "/b/").started();
  await backend.put("/a/", "users", "[]");
  await backend.put("/b/", "mail", "{}");
  await follower.until("its own edit", () => follower.textOf("mail") === "{}");
  assert.equal(follower.textOf("users"), "{}");
  assert.equal((await backend.read("/a/")).entries[0]?.text, "[]");
});

Deno.test("memory: removing the collection is a change like any other", async () => {
  const backend = memoryBackend();
  backend.setCollection("", "{}");
  await using follower = await new Follower(backend).started();
  assert.equal(follower.entries.size, 1);
  backend.setCollection("", undefined);
  await follower.until("no collection", () => follower.entries.size === 0);
});

Deno.test("memory: revisions come from a counter and name the state", async () => {
  const backend = memoryBackend();
  const revisions = [
    await backend.put("", "users", "{}"),
    await backend.put("", "users", "{}"),
  ];
  assert.deepEqual(revisions, ["1", "2"]);
  assert.equal((await backend.read("")).revision, "2");
  backend.unset("", "users");
  assert.equal((await backend.read("")).revision, "3");
});

const requests: Record<string, (backend: MemoryBackend, signal?: AbortSignal) => Promise<unknown>> =
  {
    read: (backend, signal) => backend.read("", signal && { signal }),
    put: (backend, signal) => backend.put("", "users", "[]", signal && { signal }),
    delete: (backend, signal) => backend.delete("", "users", signal && { signal }),
    compareAndSet: (backend, signal) =>
      backend.compareAndSet("", "users", "[]", "1", signal && { signal }),
  };

for (const [name, request] of Object.entries(requests)) {
  Deno.test(`memory: ${name} rejects while it is down`, async () => {
    const backend = memoryBackend({ users: "{}" });
    backend.fail();
    await assert.rejects(request(backend), BackendError);
    const error = new RangeError("of my own");
    backend.fail(error);
    await assert.rejects(request(backend), (thrown) => thrown === error);
    backend.recover();
    await assert.doesNotReject(request(backend));
  });

  Deno.test(`memory: ${name} waits while it hangs, until it recovers`, async () => {
    const backend = memoryBackend({ users: "{}" });
    backend.hang();
    const pending = request(backend);
    const first = await Promise.race([pending, settled("still waiting")]);
    assert.equal(first, "still waiting");
    backend.recover();
    assert.notEqual(await pending, undefined);
  });

  Deno.test(`memory: ${name} that hangs rejects when it fails or is aborted`, async () => {
    const backend = memoryBackend({ users: "{}" });
    backend.hang();
    const abort = new AbortController();
    const aborted = request(backend, abort.signal);
    const reason = new Error("enough");
    abort.abort(reason);
    await assert.rejects(aborted, (thrown) => thrown === reason);
    const failed = request(backend);
    backend.fail();
    await assert.rejects(failed, BackendError);
  });
}

Deno.test("memory: a watch throws when it fails, and a new one only works after it recovers", async () => {
  const backend = memoryBackend({ users: "{}" });
  const error = new Error("cut");
  await using cut = await new Follower(backend).started();
  backend.fail(error);
  assert.deepEqual(await cut.end(), { kind: "threw", error });
  await using refused = new Follower(backend);
  assert.deepEqual(await refused.end(), { kind: "threw", error });
  backend.set("", "users", "[]");
  backend.recover();
  await using follower = await new Follower(backend).started();
  assert.equal(follower.textOf("users"), "[]");
});

Deno.test("memory: a watch that hangs yields nothing, then the whole state", async () => {
  const backend = memoryBackend({ users: "{}" });
  await using follower = await new Follower(backend).started();
  backend.hang();
  await using late = new Follower(backend);
  backend.set("", "users", "[]");
  backend.set("", "mail", "{}");
  await settled(undefined);
  assert.equal(follower.updates.length, 1);
  assert.equal(late.updates.length, 0);
  backend.recover();
  for (const watch of [follower, late]) {
    await watch.until("the edits", () => watch.textOf("mail") === "{}");
    assert.equal(watch.textOf("users"), "[]");
    assert.equal(watch.updates.at(-1)?.kind, "snapshot");
  }
});

Deno.test("memory: a watch that hangs ends when it is aborted or fails", async () => {
  const backend = memoryBackend();
  backend.hang();
  const aborted = new Follower(backend);
  assert.deepEqual(await aborted.stop(), { kind: "returned" });
  const failed = new Follower(backend);
  await settled(undefined);
  backend.fail();
  assert.equal((await failed.end()).kind, "threw");
});

Deno.test("memory: changes that come while the consumer is busy arrive merged", async () => {
  const backend = memoryBackend();
  const watch = backend.watch("")[Symbol.asyncIterator]();
  await watch.next();
  for (let round = 0; round < 100; round++) backend.set("", "users", `{"round":${round}}`);
  backend.set("", "mail", "{}");
  backend.unset("", "mail");
  const { value } = await watch.next();
  assert.ok(value?.kind === "changes");
  assert.deepEqual(value.changed.map((entry) => entry.text), [`{"round":99}`]);
  assert.equal(value.removed.length, 1);
  await watch.return?.();
});

/** Resolves after everything that is already due has been done. */
async function settled<T>(value: T): Promise<T> {
  await microtasks(20);
  return value;
}
