// Real files and the system's own reports: these tests wait for real time, none sleeps without need.
import assert from "node:assert/strict";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileBackend } from "../../backends/file/mod.ts";
import { BackendError } from "../../src/errors.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";
import { FileHarness } from "./file_harness.ts";
import { Follower, type WatchEnd } from "./follower.ts";

const USERS = new Map([["users", `{"v":1}`]]);

Deno.test("file: a missing folder is a backend error that names it, for reads, watches and writes", async () => {
  await using folder = await TemporaryFolder.create();
  const missing = join(folder.outer, "missing");
  const backend = fileBackend(missing);
  const isAboutFolder = (error: unknown): boolean =>
    error instanceof BackendError && error.backend === `file(${missing})` &&
    error.message.endsWith(`"${missing}": the folder does not exist`);
  await assert.rejects(backend.read(""), isAboutFolder);
  const end = await new Follower(backend).end();
  assert.ok(end.kind === "threw" && isAboutFolder(end.error));
  await assert.rejects(backend.put("", "users", "{}"), isAboutFolder);
  await mkdir(missing);
  assert.deepEqual((await backend.read("")).entries, []);
});

Deno.test("file: a file in the place of the folder is a backend error", async () => {
  await using folder = await TemporaryFolder.create();
  await writeFile(folder.path("file"), "{}");
  const backend = fileBackend(folder.path("file"));
  await assert.rejects(backend.read(""), /it is not a folder/);
});

const replacements: Record<string, (folder: TemporaryFolder) => Promise<void>> = {
  "removed": (folder) => rm(folder.policies, { recursive: true }),
  "removed and recreated": async (folder) => {
    await rm(folder.policies, { recursive: true });
    await mkdir(folder.policies);
  },
  "removed and recreated with other files": async (folder) => {
    await rm(folder.policies, { recursive: true });
    await mkdir(folder.policies);
    await writeFile(folder.path("mail.json"), "{}");
  },
  "renamed away, with another in its place": async (folder) => {
    await mkdir(join(folder.outer, "next"));
    await rename(folder.policies, join(folder.outer, "former"));
    await rename(join(folder.outer, "next"), folder.policies);
  },
};

for (const watch of ["auto", "poll"] as const) {
  for (const [what, replace] of Object.entries(replacements)) {
    Deno.test(`file: a folder ${what} ends the watch (${watch}) and removes no document`, async () => {
      await using harness = await FileHarness.open(USERS, "{}", { watch });
      await using follower = await new Follower(harness.backend).started();
      await replace(harness.folder);
      assertBackendError(await follower.end());
      assert.equal(follower.updates.length, 1);
      assert.equal(follower.textOf("users"), `{"v":1}`);
    });
  }
}

Deno.test("file: after the folder was recreated a new watch converges to what it holds", async () => {
  await using harness = await FileHarness.open(USERS);
  const { folder } = harness;
  await using former = await new Follower(harness.backend).started();
  await replacements["removed and recreated with other files"]?.(folder);
  assertBackendError(await former.end());
  await using follower = await new Follower(harness.backend).started();
  assert.deepEqual([...follower.entries.values()].map((entry) => entry.name), ["mail"]);
  await writeFile(folder.path("users.json"), "[]");
  await follower.until("an edit", () => follower.textOf("users") === "[]");
});

Deno.test("file: a folder that is a link is left when the link is turned elsewhere", async () => {
  await using folder = await TemporaryFolder.create();
  const current = join(folder.outer, "current");
  await writeFile(folder.path("users.json"), "{}");
  await symlink(folder.policies, current);
  const backend = fileBackend(current);
  await using follower = await new Follower(backend).started();
  await mkdir(join(folder.outer, "release-2"));
  await symlink(join(folder.outer, "release-2"), join(folder.outer, "next"));
  await rename(join(folder.outer, "next"), current);
  assertBackendError(await follower.end());
  assert.deepEqual((await backend.read("")).entries, []);
});

function assertBackendError(end: WatchEnd): void {
  assert.equal(end.kind, "threw");
  assert.ok(end.kind === "threw" && end.error instanceof BackendError);
}
