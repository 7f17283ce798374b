// Real files and the system's own reports: these tests wait for real time, none sleeps without need.
import assert from "node:assert/strict";
import { mkdir, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FileHarness } from "./file_harness.ts";
import { Follower } from "./follower.ts";

const USERS = new Map([["users", `{"v":1}`]]);

/** So long between polls that only the system's reports can explain what is seen. */
const HINTS_ONLY = { pollIntervalMs: 60_000, safetyPollIntervalMs: 60_000 };

Deno.test("file: a mounted ConfigMap is followed through its atomic swaps", async () => {
  await using harness = await FileHarness.open(new Map(), undefined, HINTS_ONLY);
  const { folder } = harness;
  const mount = async (version: string, files: Record<string, string>): Promise<void> => {
    await mkdir(folder.path(version));
    for (const [file, text] of Object.entries(files)) {
      await writeFile(join(folder.policies, version, file), text);
    }
    await symlink(version, folder.path("..data_tmp"));
    await rename(folder.path("..data_tmp"), folder.path("..data"));
  };
  await mount("..2024_1", { "users.json": "{}", "breakers.json": `{"mail":{}}` });
  for (const file of ["users.json", "breakers.json"]) {
    await symlink(join("..data", file), folder.path(file));
  }
  await using follower = await new Follower(harness.backend).started();
  assert.deepEqual(
    [...follower.entries.values()].map(({ kind, name, text }) => [kind, name, text]).sort(),
    [["collection", "breakers", `{"mail":{}}`], ["policy", "users", "{}"]],
  );

  const startedAtMs = performance.now();
  await mount("..2024_2", { "users.json": `{"v":2}`, "chat.json": "{}" });
  await symlink(join("..data", "chat.json"), folder.path("chat.json"));
  await unlink(folder.path("breakers.json"));
  await rm(folder.path("..2024_1"), { recursive: true });
  await follower.until(
    "the second version",
    () =>
      follower.textOf("users") === `{"v":2}` && follower.textOf("chat") === "{}" &&
      follower.entries.size === 2,
  );
  assert.ok(performance.now() - startedAtMs < 1000);
});

Deno.test("file: a link's target outside the folder is polled, and the notes say so", async () => {
  await using harness = await FileHarness.open();
  const { folder } = harness;
  const target = join(folder.outer, "shared.json");
  await writeFile(target, "{}");
  await symlink(target, folder.path("users.json"));
  await using follower = await new Follower(harness.backend).started();
  assert.deepEqual(follower.notes, [
    "polling every 500 ms: a watch does not see where symbolic links lead",
  ]);
  const startedAtMs = performance.now();
  await writeFile(target, `{"v":2}`);
  await follower.until("the edit", () => follower.textOf("users") === `{"v":2}`);
  assert.ok(performance.now() - startedAtMs < 1000);
});

const unreadables: Record<string, { make: (path: string) => Promise<void>; why: RegExp }> = {
  "is too large": {
    make: (path) => writeFile(path, " ".repeat(2 ** 20) + "{}"),
    why: /larger than 1048576 bytes/,
  },
  "is a folder": { make: (path) => mkdir(path).then(() => {}), why: /not a file/ },
  "is a link to nowhere": { make: (path) => symlink("nowhere", path), why: /a link to nowhere/ },
  "is a link to itself": { make: (path) => symlink("users.json", path), why: /ELOOP/ },
};

for (const [what, { make, why }] of Object.entries(unreadables)) {
  Deno.test(`file: a file that ${what} is noted, refused and never taken for removed`, async () => {
    await using harness = await FileHarness.open(USERS);
    const path = harness.folder.path("users.json");
    await using follower = await new Follower(harness.backend).started();
    await rm(path);
    await make(path);
    await follower.until("the note", () => follower.notes.some((note) => why.test(note)));
    assert.ok(follower.notes.some((note) => /users\.json" was not read: /.test(note)));
    assert.match(follower.textOf("users") ?? "", why);
    assert.throws(() => JSON.parse(follower.textOf("users") ?? ""), SyntaxError);
    const fresh = await harness.backend.read("");
    assert.deepEqual(fresh.entries, [...follower.entries.values()]);

    await rm(path, { recursive: true });
    await writeFile(path, `{"v":2}`);
    await follower.until("the mended file", () => follower.textOf("users") === `{"v":2}`);
    assert.deepEqual(follower.notes, []);
  });
}
