import assert from "node:assert/strict";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { memoryBackend } from "../../backends/memory.ts";
import { RacingBackend } from "./policy_racing_backend.ts";
import { contentOf, runOn } from "./policy_support.ts";

// The editors are real processes, because that is what an editor is: commands of a POSIX shell.
const ignore = Deno.build.os === "windows";

/** An editor that writes `text` in place of what it finds. */
function writing(text: string): Readonly<Record<string, string>> {
  return { EDITOR: `replace() { printf '%s' '${text}' > "$1"; }; replace` };
}

/** The file that a message says the text is kept in. */
function keptFile(stderr: string): string {
  return /Your text is kept in (\S+)/.exec(stderr)?.[1] ?? assert.fail(`no file in ${stderr}`);
}

async function assertKept(stderr: string, text: string): Promise<void> {
  const file = keptFile(stderr);
  assert.equal(await readFile(file, "utf8"), text);
  assert.equal((await stat(file)).mode & 0o077, 0, "nobody else may read it");
  await rm(dirname(file), { recursive: true });
}

Deno.test({
  name: "policy edit: writes what comes back, and leaves no file",
  ignore,
  fn: async () => {
    const backend = memoryBackend({ a: { failureThreshold: 3 } });
    const editor = { EDITOR: "true" };
    const before = await temporaryEdits();
    const { status, stdout } = await runOn(backend, ["policy", "edit", "a"], { env: editor });
    assert.equal(status, 0);
    assert.deepEqual(await contentOf(backend), { a: { failureThreshold: 3 } });
    assert.match(stdout, /not changed; nothing was written/);
    const edited = await runOn(backend, ["policy", "edit", "a"], {
      env: { VISUAL: writing('{"failureThreshold":4}')["EDITOR"] ?? "", EDITOR: "false" },
    });
    assert.equal(edited.status, 0, edited.stderr);
    assert.match(edited.stdout, /failureThreshold +3 +4/);
    assert.deepEqual(await contentOf(backend), { a: { failureThreshold: 4 } });
    assert.deepEqual(await temporaryEdits(), before);
  },
});

async function temporaryEdits(): Promise<string[]> {
  const folder = Deno.env.get("TMPDIR") ?? "/tmp";
  return (await readdir(folder)).filter((name) => name.startsWith("switchgear-edit-")).sort();
}

Deno.test({
  name: "policy edit: a policy with faults is refused, and the text is kept",
  ignore,
  fn: async () => {
    const backend = memoryBackend({ a: { failureThreshold: 3 } });
    const text = '{"failureTreshold":4}';
    const { status, stderr } = await runOn(backend, ["policy", "edit", "a"], {
      env: writing(text),
    });
    assert.equal(status, 1);
    assert.match(stderr, /\$\.failureTreshold\n[^]*did you mean failureThreshold\?/);
    await assertKept(stderr, text);
    assert.deepEqual(await contentOf(backend), { a: { failureThreshold: 3 } });
  },
});

Deno.test({
  name: "policy edit: where somebody else was first the text is kept, and theirs stands",
  ignore,
  fn: async () => {
    const backend = new RacingBackend({ a: {} }, [{ failureThreshold: 9 }]);
    const text = '{"minimumCalls":4}';
    const { status, stderr } = await runOn(backend, ["policy", "edit", "a"], {
      env: writing(text),
    });
    assert.equal(status, 1);
    assert.match(stderr, /changed by somebody else/);
    await assertKept(stderr, text);
    assert.deepEqual(await contentOf(backend), { a: { failureThreshold: 9 } });
  },
});

Deno.test({
  name: "policy edit: an editor that fails writes nothing",
  ignore,
  fn: async () => {
    const backend = memoryBackend({ a: {} });
    const { status, stderr } = await runOn(backend, ["policy", "edit", "a"], {
      env: { EDITOR: "false" },
    });
    assert.equal(status, 1);
    assert.match(stderr, /The editor ended with status 1; nothing was written\n$/);
  },
});

Deno.test({
  name: "policy edit: mends an invalid policy, and makes one that is not there",
  ignore,
  fn: async () => {
    const backend = memoryBackend({ wrong: "{" });
    const env = writing('{"timeout":"1s"}');
    for (const name of ["wrong", "new"]) {
      const { status, stderr } = await runOn(backend, ["policy", "edit", name], { env });
      assert.equal(status, 0, stderr);
    }
    assert.deepEqual(await contentOf(backend), {
      wrong: { timeout: "1s" },
      new: { timeout: "1s" },
    });
  },
});

Deno.test("policy edit: without an editor and without a terminal is wrong usage", async () => {
  const { status, stderr } = await runOn(memoryBackend({ a: {} }), ["policy", "edit", "a"]);
  assert.equal(status, 2);
  assert.match(stderr, /Set the variable EDITOR/);
});
