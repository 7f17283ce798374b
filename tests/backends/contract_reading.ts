import assert from "node:assert/strict";
import type { BackendContract } from "./contract.ts";
import { DOCUMENTS, sorted, textsOf } from "./contract_documents.ts";
import { Follower } from "./follower.ts";

/** What holds of reading, and of the first update of a watch. */
export function testReading({ name, open, watches }: BackendContract): void {
  Deno.test(`${name}: an empty backend reads as no documents`, async () => {
    await using harness = await open(new Map());
    const snapshot = await harness.backend.read(harness.prefix);
    assert.deepEqual(snapshot.entries, []);
    assert.notEqual(snapshot.revision, "");
  });

  Deno.test(`${name}: it says what it is and whether it watches`, async () => {
    await using harness = await open(new Map());
    assert.match(harness.backend.description, /^[a-z]+(\(|$)/);
    assert.equal(harness.backend.watches, watches);
  });

  Deno.test(`${name}: every name comes back with its own text`, async () => {
    await using harness = await open(DOCUMENTS);
    const { entries } = await harness.backend.read(harness.prefix);
    assert.deepEqual(textsOf(entries), sorted(DOCUMENTS));
    assert.ok(entries.every((entry) => entry.kind === "policy"));
    assert.equal(new Set(entries.map((entry) => entry.source)).size, DOCUMENTS.size);
  });

  Deno.test(`${name}: the collection stands beside a breaker of the same name`, async () => {
    const collection = `{"users":{"failureThreshold":7}}`;
    await using harness = await open(new Map([["breakers", "{}"]]), collection);
    const { entries } = await harness.backend.read(harness.prefix);
    assert.deepEqual(
      entries.map(({ kind, name, text }) => [kind, name, text]).sort(),
      [["collection", "breakers", collection], ["policy", "breakers", "{}"]],
    );
    assert.equal(new Set(entries.map((entry) => entry.source)).size, 2);
  });

  for (const text of ["", "{", "null", "not JSON", `{"a":"用户"}`, " {}\n"]) {
    Deno.test(`${name}: the text ${JSON.stringify(text)} is handed on as it stands`, async () => {
      await using harness = await open(new Map([["users", text]]));
      const { entries } = await harness.backend.read(harness.prefix);
      assert.deepEqual(textsOf(entries), [["users", text]]);
    });
  }

  Deno.test(`${name}: an aborted signal ends a read with its reason, a watch with nothing`, async () => {
    await using harness = await open(DOCUMENTS);
    const reason = new Error("no longer wanted");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(
      harness.backend.read(harness.prefix, { signal }),
      (error) => error === reason,
    );
    for await (const update of harness.backend.watch(harness.prefix, { signal })) {
      assert.fail(`yielded ${update.kind}`);
    }
  });

  Deno.test(`${name}: the first update of a watch is what a read gives`, async () => {
    await using harness = await open(DOCUMENTS);
    await using follower = await new Follower(harness.backend, harness.prefix).started();
    assert.equal(follower.updates[0]?.kind, "snapshot");
    assert.deepEqual(textsOf(follower.entries.values()), sorted(DOCUMENTS));
  });

  Deno.test(`${name}: a consumer that breaks off leaves nothing behind`, async () => {
    await using harness = await open(DOCUMENTS);
    for await (const update of harness.backend.watch(harness.prefix)) {
      assert.equal(update.kind, "snapshot");
      break;
    }
  });
}

/** What holds of a backend that does not watch. */
export function testReadingOnce({ name, open }: BackendContract): void {
  Deno.test(`${name}: a watch yields once and returns`, async () => {
    await using harness = await open(DOCUMENTS);
    const follower = new Follower(harness.backend, harness.prefix);
    assert.deepEqual(await follower.end(), { kind: "returned" });
    assert.equal(follower.updates.length, 1);
  });
}
