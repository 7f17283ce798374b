// Real files: what is tested is what stands in the folder afterwards.
import assert from "node:assert/strict";
import { chmod, readdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import process from "node:process";
import { LOCK_FILE, withFolderLock } from "../../backends/file/folder_lock.ts";
import { fileBackend } from "../../backends/file/mod.ts";
import { replaceFile } from "../../backends/file/replace_file.ts";
import { BackendError } from "../../src/errors.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";
import { FileHarness } from "./file_harness.ts";

Deno.test("file: it takes a folder as a URL, and with slashes at the end", async () => {
  await using harness = await FileHarness.open(new Map([["users", "{}"]]));
  const path = harness.folder.policies;
  for (const folder of [new URL(`file://${path}/`), `${path}//`, path]) {
    const backend = fileBackend(folder);
    assert.equal(backend.description, `file(${path})`);
    assert.equal((await backend.read("")).entries[0]?.source, `${path}/users.json`);
  }
});

Deno.test("file: of two spellings of one name the canonical one counts, and a note says so", async () => {
  await using harness = await FileHarness.open();
  const { folder, backend } = harness;
  await writeFile(folder.path("grpc:users.json"), `"by hand"`);
  await writeFile(folder.path("grpc%3ausers.json"), `"lower case"`);
  const alone = await backend.read("");
  assert.deepEqual(alone.entries.map((entry) => entry.text), [`"lower case"`]);
  assert.match(alone.notes?.join() ?? "", /grpc:users\.json" is ignored: "grpc%3ausers\.json"/);
  await writeFile(folder.path("grpc%3Ausers.json"), `"canonical"`);
  const { entries, notes } = await backend.read("");
  assert.deepEqual(entries.map((entry) => entry.text), [`"canonical"`]);
  assert.equal(notes?.length, 2);
});

Deno.test("file: writing goes to the spelling that is there, deleting takes them all", async () => {
  await using harness = await FileHarness.open();
  const { folder, backend } = harness;
  await writeFile(folder.path("100%.json"), "{}");
  await backend.put("", "100%", "[]");
  assert.deepEqual(await readdir(folder.policies), ["100%.json"]);
  await writeFile(folder.path("100%25.json"), "{}");
  assert.equal(await backend.delete("", "100%"), true);
  assert.deepEqual(await readdir(folder.policies), []);
});

Deno.test("file: the collection is not written, deleted or replaced as the breaker of its name", async () => {
  await using harness = await FileHarness.open(new Map(), `{"users":{}}`);
  const { folder, backend } = harness;
  assert.equal(await backend.delete("", "breakers"), false);
  await backend.put("", "breakers", "{}");
  assert.deepEqual((await readdir(folder.policies)).sort(), ["%62reakers.json", "breakers.json"]);
  assert.equal(await readFile(folder.path("breakers.json"), "utf8"), `{"users":{}}`);
});

for (
  const [what, name, text, message] of [
    [
      "a name too long for a file",
      "用".repeat(100),
      "{}",
      /905 bytes, 255 are allowed; .* breakers\.json/,
    ],
    [
      "a text larger than is read",
      "users",
      " ".repeat(2 ** 20 + 1),
      /1048577 bytes, 1048576 are allowed/,
    ],
  ] as const
) {
  Deno.test(`file: ${what} is refused, and nothing is left behind`, async () => {
    await using harness = await FileHarness.open();
    const { backend, folder } = harness;
    for (
      const write of [
        () => backend.put("", name, text),
        () => backend.compareAndSet("", name, text, undefined),
      ]
    ) {
      await assert.rejects(
        write,
        (error) =>
          error instanceof BackendError && message.test(error.message) &&
          error.message.includes(JSON.stringify(name)),
      );
    }
    assert.deepEqual(await readdir(folder.policies), []);
  });
}

Deno.test("file: a long name written by hand in few bytes is read and rewritten", async () => {
  await using harness = await FileHarness.open();
  const name = "用".repeat(80);
  await writeFile(harness.folder.path(`${name}.json`), "{}");
  await harness.backend.put("", name, "[]");
  assert.deepEqual(
    (await harness.backend.read("")).entries.map((entry) => [entry.name, entry.text]),
    [[name, "[]"]],
  );
});

Deno.test("file: writing keeps the permissions of the file", async () => {
  await using harness = await FileHarness.open(new Map([["users", "{}"]]));
  const path = harness.folder.path("users.json");
  await chmod(path, 0o640);
  await harness.backend.put("", "users", "[]");
  assert.equal((await stat(path)).mode & 0o777, 0o640);
});

Deno.test("file: compare-and-set replaces a file that cannot be read, at the revision it shows", async () => {
  await using harness = await FileHarness.open();
  await symlink("nowhere", harness.folder.path("users.json"));
  const revision = (await harness.backend.read("")).entries[0]?.revision;
  assert.equal(await harness.backend.compareAndSet("", "users", "{}", undefined), undefined);
  assert.notEqual(await harness.backend.compareAndSet("", "users", "{}", revision), undefined);
  assert.deepEqual((await harness.backend.read("")).entries.map((entry) => entry.text), ["{}"]);
});

Deno.test("file: of compare-and-sets through several backends at once none is lost", async () => {
  await using harness = await FileHarness.open(new Map([["users", "0"]]));
  const add = async (): Promise<void> => {
    const backend = fileBackend(harness.folder.policies);
    for (;;) {
      const [entry] = (await backend.read("")).entries;
      const next = String(Number(entry?.text) + 1);
      if (await backend.compareAndSet("", "users", next, entry?.revision) !== undefined) return;
    }
  };
  await Promise.all([add(), add(), add(), add(), add()]);
  assert.equal((await harness.backend.read("")).entries[0]?.text, "5");
});

Deno.test("file: replacing leaves the old file and no other where it fails", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.path("users.json");
  await writeFile(path, "old");
  const error = new Error("changed my mind");
  const content = new TextEncoder().encode("new");
  await assert.rejects(
    replaceFile(path, content, { beforeRename: () => Promise.reject(error) }),
    (thrown) => thrown === error,
  );
  assert.deepEqual(await readdir(folder.policies), ["users.json"]);
  assert.equal(await readFile(path, "utf8"), "old");
});

Deno.test("file lock: one holds it at a time, and it is gone afterwards", async () => {
  await using folder = await TemporaryFolder.create();
  let holders = 0;
  let most = 0;
  const hold = (): Promise<void> =>
    withFolderLock(folder.policies, undefined, async (assertHeld) => {
      most = Math.max(most, ++holders);
      await assertHeld();
      holders--;
    });
  await Promise.all([hold(), hold(), hold(), hold()]);
  assert.equal(most, 1);
  assert.deepEqual(await readdir(folder.policies), []);
});

Deno.test("file lock: one left behind more than 10 s ago is taken over", async () => {
  await using folder = await TemporaryFolder.create();
  await writeFile(folder.path(LOCK_FILE), "of a process that died");
  const longAgo = new Date(Date.now() - 11_000);
  await utimes(folder.path(LOCK_FILE), longAgo, longAgo);
  assert.equal(
    await withFolderLock(folder.policies, undefined, () => Promise.resolve("done")),
    "done",
  );
  assert.deepEqual(await readdir(folder.policies), []);
});

Deno.test("file lock: a younger one is waited for until the signal is aborted", async () => {
  await using harness = await FileHarness.open();
  await writeFile(harness.folder.path(LOCK_FILE), "of another process");
  const abort = new AbortController();
  const reason = new Error("enough");
  const writing = harness.backend.put("", "users", "{}", { signal: abort.signal });
  const first = await Promise.race([writing, stat(harness.folder.policies).then(() => "waiting")]);
  assert.equal(first, "waiting");
  abort.abort(reason);
  await assert.rejects(writing, (error) => error === reason);
  assert.deepEqual(await readdir(harness.folder.policies), [LOCK_FILE]);
});

Deno.test("file lock: who lost it to another does not write, nor remove the other's", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.path(LOCK_FILE);
  await assert.rejects(
    withFolderLock(folder.policies, undefined, async (assertHeld) => {
      await writeFile(path, "of another process");
      await assertHeld();
    }),
    /was taken over/,
  );
  assert.equal(await readFile(path, "utf8"), "of another process");
});

Deno.test({
  name: "file: a folder that must not be written to is a backend error",
  ignore: process.platform !== "linux",
  fn: async () => {
    const backend = fileBackend("/proc/self");
    await assert.rejects(backend.put("", "users", "{}"), BackendError);
  },
});
