import assert from "node:assert/strict";
import type { BackendContract } from "./contract.ts";
import { DOCUMENTS, sorted, textsOf } from "./contract_documents.ts";
import { Follower } from "./follower.ts";

/** What holds of a backend that watches. */
export function testWatching({ name, open }: BackendContract): void {
  Deno.test(`${name}: documents that come, change and go arrive, whatever their names`, async () => {
    await using harness = await open(new Map());
    await using follower = await new Follower(harness.backend, harness.prefix).started();
    await Promise.all([...DOCUMENTS].map(([name, text]) => harness.put(name, text)));
    await follower.until("all have come", () => holds(follower, DOCUMENTS));
    const edited = new Map([...DOCUMENTS].map(([name]) => [name, `{"successThreshold":9}`]));
    await Promise.all([...edited].map(([name, text]) => harness.put(name, text)));
    await follower.until("all have changed", () => holds(follower, edited));
    await Promise.all([...edited].map(([name]) => harness.remove(name)));
    await follower.until("all are gone", () => follower.entries.size === 0);
  });

  Deno.test(`${name}: what one edit left alone is not removed with it`, async () => {
    await using harness = await open(DOCUMENTS);
    await using follower = await new Follower(harness.backend, harness.prefix).started();
    const left = new Map(DOCUMENTS);
    left.delete("users");
    await harness.remove("users");
    await follower.until("one is gone", () => holds(follower, left));
  });

  Deno.test(`${name}: a document's revision differs whenever its text does`, async () => {
    await using harness = await open(new Map([["users", "{}"]]));
    await using follower = await new Follower(harness.backend, harness.prefix).started();
    const revisions = new Set(revisionsOf(follower, "users"));
    for (const text of ["[]", "{ }", "null"]) {
      await harness.put("users", text);
      await follower.until(`the text ${text}`, () => follower.textOf("users") === text);
      for (const revision of revisionsOf(follower, "users")) revisions.add(revision);
    }
    assert.equal(revisions.size, 4);
  });

  Deno.test(`${name}: no change falls between a watch's snapshot and its changes`, async () => {
    await using harness = await open(new Map());
    const names = Array.from({ length: 12 }, (_, index) => `breaker-${index}`);
    const followers: Follower[] = [];
    const writing = Promise.all(names.map(async (name) => {
      for (let round = 0; round < 8; round++) await harness.put(name, `{"round":${round}}`);
    }));
    try {
      for (let started = 0; started < 4; started++) {
        followers.push(await new Follower(harness.backend, harness.prefix).started());
      }
      await writing;
      const last = new Map(names.map((name) => [name, `{"round":7}`]));
      for (const follower of followers) {
        await follower.until("the last round", () => holds(follower, last));
        assert.equal(follower.updates[0]?.kind, "snapshot");
      }
    } finally {
      await writing;
      for (const follower of followers) await follower.stop();
    }
  });

  Deno.test(`${name}: two watches run side by side, and one ends without the other`, async () => {
    await using harness = await open(new Map());
    await using first = await new Follower(harness.backend, harness.prefix).started();
    await using second = await new Follower(harness.backend, harness.prefix).started();
    await harness.put("users", "{}");
    for (const follower of [first, second]) {
      await follower.until("the document", () => follower.textOf("users") === "{}");
    }
    assert.deepEqual(await first.stop(), { kind: "returned" });
    await harness.put("users", "[]");
    await second.until("the edit", () => second.textOf("users") === "[]");
    assert.equal(first.textOf("users"), "{}");
  });

  Deno.test(`${name}: an abort ends a watch at once, and another can follow`, async () => {
    await using harness = await open(DOCUMENTS);
    for (let round = 0; round < 3; round++) {
      const follower = await new Follower(harness.backend, harness.prefix).started();
      const abortedAtMs = performance.now();
      assert.deepEqual(await follower.stop(), { kind: "returned" });
      assert.ok(performance.now() - abortedAtMs < 1000);
      assert.deepEqual(textsOf(follower.entries.values()), sorted(DOCUMENTS));
    }
  });
}

function revisionsOf(follower: Follower, name: string): string[] {
  return [...follower.entries.values()].flatMap((entry) =>
    entry.name === name ? entry.revision : []
  );
}

function holds(follower: Follower, documents: ReadonlyMap<string, string>): boolean {
  return follower.entries.size === documents.size &&
    [...documents].every(([name, text]) => follower.textOf(name) === text);
}
