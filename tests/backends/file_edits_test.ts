// Real files and the system's own reports: these tests wait for real time, none sleeps without need.
import assert from "node:assert/strict";
import { link, open, rename, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readPolicyFile } from "../../backends/file/policy_file.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";
import { FileHarness } from "./file_harness.ts";
import { Follower } from "./follower.ts";

const USERS = new Map([["users", `{"v":1}`]]);

/** So long between polls that only the system's reports can explain what is seen. */
const HINTS_ONLY = { pollIntervalMs: 60_000, safetyPollIntervalMs: 60_000 };

Deno.test("file: an edit is yielded within a second, whichever way it is written", async () => {
  await using harness = await FileHarness.open(USERS, undefined, HINTS_ONLY);
  const { folder } = harness;
  await using follower = await new Follower(harness.backend).started();
  const path = folder.path("users.json");
  const ways: Record<string, (text: string) => Promise<void>> = {
    "in place": (text) => writeFile(path, text),
    "a hidden file, renamed": async (text) => {
      await writeFile(folder.path(".users.json.swp"), text);
      await rename(folder.path(".users.json.swp"), path);
    },
    "a file from elsewhere, renamed": async (text) => {
      await writeFile(join(folder.outer, "draft"), text);
      await rename(join(folder.outer, "draft"), path);
    },
    "deleted, then written": async (text) => {
      await unlink(path);
      await writeFile(path, text);
    },
    "a hard link put in its place": async (text) => {
      await writeFile(join(folder.outer, "twin"), text);
      await unlink(path);
      await link(join(folder.outer, "twin"), path);
    },
  };
  for (const [way, write] of Object.entries(ways)) {
    const text = JSON.stringify({ way });
    const startedAtMs = performance.now();
    await write(text);
    await follower.until(way, () => follower.textOf("users") === text);
    assert.ok(performance.now() - startedAtMs < 1000, way);
  }
  assert.ok(follower.updates.every((update) => update.kind !== "changes" || isNoRemoval(update)));
});

Deno.test("file: a file that is renamed away and written anew is never reported as removed", async () => {
  await using harness = await FileHarness.open(USERS);
  const { folder } = harness;
  await using follower = await new Follower(harness.backend).started();
  for (let round = 0; round < 3; round++) {
    await rename(folder.path("users.json"), folder.path("users.json~"));
    // Longer than the debounce, so that a scan falls into the gap.
    await elapse(80);
    await writeFile(folder.path("users.json"), `{"round":${round}}`);
    await follower.until("the edit", () => follower.textOf("users") === `{"round":${round}}`);
  }
  assert.ok(
    follower.updates.every((update) => update.kind === "changes" ? isNoRemoval(update) : true),
  );
  assert.equal(follower.updates.filter((update) => update.kind === "snapshot").length, 1);
});

Deno.test("file: a new watch or read does not take the moment of a replacement for a removal", async () => {
  await using harness = await FileHarness.open(USERS);
  const { backend, folder } = harness;
  await backend.read("");
  await rename(folder.path("users.json"), folder.path("users.json~"));
  const reading = backend.read("");
  await using follower = new Follower(backend);
  await elapse(60);
  await rename(folder.path("users.json~"), folder.path("users.json"));
  assert.deepEqual((await reading).entries.map((entry) => entry.text), [`{"v":1}`]);
  await follower.started();
  assert.equal(follower.textOf("users"), `{"v":1}`);
});

Deno.test("file: a removed file is reported as removed within a second", async () => {
  await using harness = await FileHarness.open(USERS);
  await using follower = await new Follower(harness.backend).started();
  const startedAtMs = performance.now();
  await harness.remove("users");
  await follower.until("the removal", () => follower.entries.size === 0);
  assert.ok(performance.now() - startedAtMs < 1000);
});

Deno.test("file: a half-written file is handed on as it stands, then whole", async () => {
  await using harness = await FileHarness.open(USERS);
  await using follower = await new Follower(harness.backend).started();
  const file = await open(harness.folder.path("users.json"), "w");
  try {
    await file.write(`{"v":`);
    await follower.until("the first half", () => follower.textOf("users") === `{"v":`);
    await file.write("2}");
  } finally {
    await file.close();
  }
  await follower.until("the whole", () => follower.textOf("users") === `{"v":2}`);
});

Deno.test("file: what is written in one go is seen whole only", async () => {
  // Long enough for the slowest machine; the test has to wait it out once.
  await using harness = await FileHarness.open(USERS, undefined, { debounceMs: 200 });
  await using follower = await new Follower(harness.backend).started();
  const half = "x".repeat(1000);
  const file = await open(harness.folder.path("users.json"), "w");
  await file.write(half);
  await file.write(half);
  await file.close();
  await follower.until("the whole", () => follower.textOf("users") === half + half);
  assert.equal(follower.updates.length, 2);
});

Deno.test("file: a rewrite that keeps size and times is noticed all the same", async () => {
  await using harness = await FileHarness.open(USERS, undefined, {
    watch: "poll",
    pollIntervalMs: 20,
  });
  await using follower = await new Follower(harness.backend).started();
  const file = await open(harness.folder.path("users.json"), "r+");
  try {
    const { atime, mtime } = await file.stat();
    await file.write(`{"v":2}`, 0);
    await file.utimes(atime, mtime);
  } finally {
    await file.close();
  }
  await follower.until("the edit", () => follower.textOf("users") === `{"v":2}`);
});

Deno.test("file: an old file is read once, a young one each time, one that is gone not at all", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.path("users.json");
  await writeFile(path, "{}");
  const young = await readPolicyFile(path, { maxBytes: 10 });
  assert.equal(young?.fingerprint, undefined);
  const nowMs = Date.now() + 10_000;
  const old = await readPolicyFile(path, { maxBytes: 10, former: young, nowMs });
  assert.notEqual(old?.fingerprint, undefined);
  assert.equal(await readPolicyFile(path, { maxBytes: 10, former: old, nowMs }), old);
  await writeFile(path, "[1]");
  const edited = await readPolicyFile(path, { maxBytes: 10, former: old, nowMs });
  assert.equal(edited?.file.text, "[1]");
  await rm(path);
  assert.equal(await readPolicyFile(path, { maxBytes: 10, former: old, nowMs }), undefined);
});

Deno.test("file: hidden files and those that do not end in .json are left alone", async () => {
  await using harness = await FileHarness.open(USERS);
  const others = [
    ".users.json",
    ".#users.json",
    "users.json~",
    "users.json.bak",
    "4913",
    ".json",
    "#users.json#",
  ];
  for (const file of others) await writeFile(harness.folder.path(file), "not a policy");
  const { entries, notes } = await harness.backend.read("");
  assert.deepEqual(entries.map((entry) => entry.name), ["users"]);
  assert.deepEqual(notes, []);
});

Deno.test("file: a byte order mark is no part of the text", async () => {
  await using harness = await FileHarness.open(new Map([["users", "\uFEFF{}"]]));
  const { entries } = await harness.backend.read("");
  assert.equal(entries[0]?.text, "{}");
});

function isNoRemoval(update: { readonly removed: readonly unknown[] }): boolean {
  return update.removed.length === 0;
}

/** Lets real time pass, where the hazard itself lasts a while. */
function elapse(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
