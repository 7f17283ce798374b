// Real files: what is tested is what stands in the folder afterwards.
import assert from "node:assert/strict";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileLastKnownGood } from "../../backends/file/mod.ts";
import { BackendError } from "../../src/errors.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";

Deno.test("last known good: nothing saved loads as undefined", async () => {
  await using folder = await TemporaryFolder.create();
  assert.equal(await fileLastKnownGood(folder.path("state.json")).load(), undefined);
  assert.equal(await fileLastKnownGood(folder.path("no/such/state.json")).load(), undefined);
});

Deno.test("last known good: what was saved loads, also in another process", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.path("state.json");
  const store = fileLastKnownGood(path);
  for (const text of [`{"用户":{}}`, "", "x".repeat(3_000_000)]) {
    await store.save(text);
    assert.equal(await store.load(), text);
    assert.equal(await fileLastKnownGood(path).load(), text);
  }
  assert.deepEqual(await readdir(folder.policies), ["state.json"]);
});

Deno.test("last known good: the folder is created, the file is its owner's alone", async () => {
  await using folder = await TemporaryFolder.create();
  const path = join(folder.outer, "var", "lib", "state.json");
  await fileLastKnownGood(path).save("{}");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

Deno.test("last known good: of saves at once the newest stays, and no loader sees a torn file", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.path("state.json");
  const store = fileLastKnownGood(path);
  const texts = Array.from({ length: 30 }, (_, index) => String(index % 10).repeat(50_000));
  const saves = Promise.all(texts.map((text) => store.save(text)));
  for (let look = 0; look < 10; look++) {
    const seen = await store.load();
    assert.ok(seen === undefined || texts.includes(seen));
  }
  await saves;
  assert.equal(await store.load(), texts.at(-1));
  assert.deepEqual(await readdir(folder.policies), ["state.json"]);
});

Deno.test("last known good: a save that fails rejects, keeps the old text and hinders no later one", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.path("state.json");
  await mkdir(path);
  const store = fileLastKnownGood(path);
  const failed = await Promise.allSettled([store.save("1"), store.save("2")]);
  for (const outcome of failed) {
    assert.equal(outcome.status, "rejected");
    assert.ok(outcome.status === "rejected" && outcome.reason instanceof BackendError);
    assert.ok(outcome.reason.message.includes(path));
  }
  await assert.rejects(store.load(), BackendError);
  assert.deepEqual(await readdir(folder.policies), ["state.json"]);
  await rm(path, { recursive: true });
  await store.save("3");
  assert.equal(await store.load(), "3");
});

Deno.test("last known good: a path through a file cannot be saved to", async () => {
  await using folder = await TemporaryFolder.create();
  await writeFile(folder.path("file"), "");
  const store = fileLastKnownGood(folder.path("file/state.json"));
  await assert.rejects(store.save("{}"), BackendError);
});
