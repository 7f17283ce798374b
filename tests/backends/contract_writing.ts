import assert from "node:assert/strict";
import type { ConfigBackend, WritableConfigBackend } from "../../src/provider/backend.ts";
import type { BackendContract, BackendHarness } from "./contract.ts";
import { DOCUMENTS, sorted, textsOf } from "./contract_documents.ts";
import { Follower } from "./follower.ts";

/** What holds of a backend that can be written to. */
export function testWriting({ name, open }: BackendContract): void {
  Deno.test(`${name}: what is put under any name is read, and deleted once`, async () => {
    await using harness = await open(new Map());
    const backend = writable(harness);
    const revisions = new Map<string, string>();
    for (const [name, text] of DOCUMENTS) {
      revisions.set(name, await backend.put(harness.prefix, name, text));
    }
    const { entries } = await backend.read(harness.prefix);
    assert.deepEqual(textsOf(entries), sorted(DOCUMENTS));
    for (const entry of entries) assert.equal(entry.revision, revisions.get(entry.name));
    await harness.assertContained?.();
    for (const name of DOCUMENTS.keys()) {
      assert.equal(await backend.delete(harness.prefix, name), true, JSON.stringify(name));
      assert.equal(await backend.delete(harness.prefix, name), false, JSON.stringify(name));
    }
    assert.deepEqual((await backend.read(harness.prefix)).entries, []);
    await harness.assertContained?.();
  });

  Deno.test(`${name}: put replaces what stood there`, async () => {
    await using harness = await open(DOCUMENTS);
    const backend = writable(harness);
    await backend.put(harness.prefix, "users", "[]");
    const { entries } = await backend.read(harness.prefix);
    assert.deepEqual(textsOf(entries), sorted(new Map([...DOCUMENTS, ["users", "[]"]])));
  });

  Deno.test(`${name}: compare-and-set writes at the expected revision only`, async () => {
    await using harness = await open(new Map());
    const backend = writable(harness);
    const set = (text: string, revision: string | undefined): Promise<string | undefined> =>
      backend.compareAndSet(harness.prefix, "users", text, revision);
    const text = async (): Promise<string | undefined> =>
      (await backend.read(harness.prefix)).entries[0]?.text;
    assert.equal(await set("{}", "never seen"), undefined);
    assert.equal(await text(), undefined);
    const created = await set(`{"v":1}`, undefined);
    assert.ok(created !== undefined);
    assert.equal(await set(`{"v":2}`, undefined), undefined);
    const edited = await set(`{"v":3}`, created);
    assert.ok(edited !== undefined && edited !== created);
    assert.equal(await set(`{"v":4}`, created), undefined);
    assert.equal(await text(), `{"v":3}`);
    await backend.delete(harness.prefix, "users");
    assert.equal(await set(`{"v":5}`, edited), undefined);
    assert.equal(await text(), undefined);
  });

  Deno.test(`${name}: of several compare-and-sets at one revision one wins`, async () => {
    await using harness = await open(new Map());
    const backend = writable(harness);
    const revision = await backend.put(harness.prefix, "users", "{}");
    const texts = Array.from({ length: 8 }, (_, index) => `{"v":${index}}`);
    const outcomes = await Promise.all(
      texts.map((text) => backend.compareAndSet(harness.prefix, "users", text, revision)),
    );
    const winners = texts.filter((_, index) => outcomes[index] !== undefined);
    assert.equal(winners.length, 1);
    assert.deepEqual((await backend.read(harness.prefix)).entries[0]?.text, winners[0]);
  });

  Deno.test(`${name}: writes arrive at a watch`, async () => {
    await using harness = await open(new Map());
    const backend = writable(harness);
    await using follower = await new Follower(backend, harness.prefix).started();
    await backend.put(harness.prefix, "users", "{}");
    await follower.until("the put", () => follower.textOf("users") === "{}");
    await backend.delete(harness.prefix, "users");
    await follower.until("the delete", () => follower.entries.size === 0);
  });

  Deno.test(`${name}: an aborted signal keeps a write from happening`, async () => {
    await using harness = await open(new Map([["users", "{}"]]));
    const backend = writable(harness);
    const { prefix } = harness;
    const reason = new Error("no longer wanted");
    const request = { signal: AbortSignal.abort(reason) };
    const [entry] = (await backend.read(prefix)).entries;
    const writes: Promise<unknown>[] = [
      backend.put(prefix, "users", "[]", request),
      backend.compareAndSet(prefix, "users", "[]", entry?.revision, request),
      backend.delete(prefix, "users", request),
    ];
    for (const write of await Promise.allSettled(writes)) {
      assert.deepEqual(write, { status: "rejected", reason });
    }
    assert.deepEqual((await backend.read(prefix)).entries, [entry]);
  });
}

function writable({ backend }: BackendHarness): WritableConfigBackend {
  assert.ok(isWritable(backend), `${backend.description} cannot be written to`);
  return backend;
}

function isWritable(backend: ConfigBackend): backend is WritableConfigBackend {
  return "put" in backend && "delete" in backend && "compareAndSet" in backend;
}
