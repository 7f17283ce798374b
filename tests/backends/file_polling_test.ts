// Real files on real timers, which the options make short.
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import type { OpenFolderWatcher } from "../../backends/file/change_hints.ts";
import { watchFolder } from "../../backends/file/folder_watch.ts";
import type { ConfigBackend } from "../../src/provider/backend.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";
import { FileHarness } from "./file_harness.ts";
import { Follower } from "./follower.ts";

const POLL_MS = 20;
const NEVER_MS = 60_000;

/** A watcher that tests drive by hand. */
class FakeWatcher {
  hint: () => void = () => {};
  fail: (error: unknown) => void = () => {};
  closed = 0;
  readonly open: OpenFolderWatcher = (_folder, onChange, onError) => {
    this.hint = onChange;
    this.fail = onError;
    return { close: () => this.closed++ };
  };
}

/** What a watch needs of a backend, on `folder` and with the given watcher. */
function watching(
  { policies }: TemporaryFolder,
  openWatcher: OpenFolderWatcher,
  intervals: { pollIntervalMs?: number; safetyPollIntervalMs?: number },
): ConfigBackend {
  const settings = {
    backend: "file(test)",
    folder: policies,
    maxFileBytes: 1000,
    openWatcher,
    pollIntervalMs: POLL_MS,
    safetyPollIntervalMs: NEVER_MS,
    debounceMs: 5,
    confirmMs: 30,
    ...intervals,
  };
  return {
    description: settings.backend,
    watches: true,
    read: () => Promise.reject(new Error("not read here")),
    watch: (_prefix, request = {}) => watchFolder(settings, { files: new Map() }, request.signal),
  };
}

Deno.test("file: told to poll, it polls and says so", async () => {
  await using harness = await FileHarness.open(new Map(), undefined, {
    watch: "poll",
    pollIntervalMs: POLL_MS,
  });
  await using follower = await new Follower(harness.backend).started();
  assert.deepEqual(follower.notes, [`polling every ${POLL_MS} ms: as configured`]);
});

Deno.test("file: where a watch cannot be opened it polls and says why", async () => {
  await using folder = await TemporaryFolder.create();
  const backend = watching(folder, () => {
    throw Object.assign(new Error("too many open files"), { code: "EMFILE" });
  }, {});
  await using follower = await new Follower(backend).started();
  assert.deepEqual(follower.notes, [
    `polling every ${POLL_MS} ms: watching is not possible here (EMFILE)`,
  ]);
  await writeFile(folder.path("users.json"), "{}");
  await follower.until("the edit", () => follower.textOf("users") === "{}");
});

Deno.test("file: a watch that breaks later gives way to polling, with a note", async () => {
  await using folder = await TemporaryFolder.create();
  const watcher = new FakeWatcher();
  await using follower = await new Follower(watching(folder, watcher.open, {})).started();
  assert.deepEqual(follower.notes, []);
  watcher.hint();
  watcher.fail(new Error("the volume went away"));
  await follower.until("the note", () => follower.notes.length === 1);
  assert.match(follower.notes[0] ?? "", /not possible here \(the volume went away\)/);
  await writeFile(folder.path("users.json"), "{}");
  await follower.until("the edit", () => follower.textOf("users") === "{}");
});

Deno.test("file: until the watch has given its first hint the folder is polled as well", async () => {
  await using folder = await TemporaryFolder.create();
  const watcher = new FakeWatcher();
  await using follower = await new Follower(watching(folder, watcher.open, {})).started();
  await writeFile(folder.path("users.json"), "{}");
  await follower.until("the edit", () => follower.textOf("users") === "{}");
  await follower.until("the note", () => follower.notes.length === 1);
  assert.deepEqual(follower.notes, [`polling every ${POLL_MS} ms: watching missed a change`]);
});

Deno.test("file: a change that a proven watch missed turns polling on for good", async () => {
  await using folder = await TemporaryFolder.create();
  const watcher = new FakeWatcher();
  const backend = watching(folder, watcher.open, { safetyPollIntervalMs: 100 });
  await using follower = await new Follower(backend).started();
  await writeFile(folder.path("users.json"), "{}");
  watcher.hint();
  await follower.until("the first edit", () => follower.textOf("users") === "{}");
  assert.deepEqual(follower.notes, []);
  await writeFile(folder.path("users.json"), "[]");
  await follower.until("the second edit", () => follower.textOf("users") === "[]");
  await follower.until("the note", () => follower.notes.length === 1);
  assert.match(follower.notes[0] ?? "", /missed a change/);
});

Deno.test("file: a proven watch that says nothing of a new file, or of the folder's end, is no harm", async () => {
  await using folder = await TemporaryFolder.create();
  const watcher = new FakeWatcher();
  await using follower = await new Follower(watching(folder, watcher.open, {})).started();
  watcher.hint();
  await writeFile(folder.path("users.json"), "{}");
  await follower.until("the new file", () => follower.textOf("users") === "{}");
  await rm(folder.policies, { recursive: true });
  assert.equal((await follower.end()).kind, "threw");
  assert.equal(follower.textOf("users"), "{}");
});

Deno.test("file: a hint that comes late is no missed change", async () => {
  await using folder = await TemporaryFolder.create();
  const watcher = new FakeWatcher();
  const backend = watching(folder, watcher.open, {
    pollIntervalMs: NEVER_MS,
    safetyPollIntervalMs: 20,
  });
  await using follower = await new Follower(backend).started();
  watcher.hint();
  for (const text of ["{}", "[]", "{ }"]) {
    await writeFile(folder.path("users.json"), text);
    await follower.until(text, () => follower.textOf("users") === text);
    watcher.hint();
  }
  assert.deepEqual(follower.notes, []);
});

Deno.test("file: a hint makes it look long before the next poll", async () => {
  await using folder = await TemporaryFolder.create();
  const watcher = new FakeWatcher();
  const backend = watching(folder, watcher.open, { pollIntervalMs: NEVER_MS });
  await using follower = await new Follower(backend).started();
  await writeFile(folder.path("users.json"), "{}");
  watcher.hint();
  await follower.until("the edit", () => follower.textOf("users") === "{}");
});

Deno.test("file: an abort closes the watcher, however long the next poll is away", async () => {
  await using folder = await TemporaryFolder.create();
  const watcher = new FakeWatcher();
  const backend = watching(folder, watcher.open, { pollIntervalMs: NEVER_MS });
  const follower = await new Follower(backend).started();
  assert.deepEqual(await follower.stop(), { kind: "returned" });
  assert.equal(watcher.closed, 1);
});
