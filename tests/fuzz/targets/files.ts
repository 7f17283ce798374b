import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { breakerOfFile, isPolicyFile, policyFileName } from "../../../backends/file/file_names.ts";
import { fileBackend } from "../../../backends/file/mod.ts";
import { run } from "../../cli/captured_io.ts";
import { TemporaryFolder } from "../../support/temporary_folder.ts";
import type { Draws } from "../draws.ts";
import { policyText } from "../make_json.ts";
import { mutated } from "../mutate.ts";
import { NASTY_NAMES } from "../nasty.ts";
import { pairsIn } from "../pairs.ts";
import { isCollectionText, isPolicyText } from "../strict_policy.ts";
import type { FuzzTarget } from "../target.ts";

const MAX_FILE_BYTES = 4_096;

function fileName(draws: Draws): string {
  if (draws.chance(0.1)) {
    return draws.pick(["breakers.json", "default.json", ".hidden.json", "a.txt"]);
  }
  const name = policyFileName(draws.pick(NASTY_NAMES));
  return draws.chance(0.4) ? mutated(draws, name) : name;
}

/** What a file holds, each character a byte. */
function content(draws: Draws): string {
  const text = Buffer.from(policyText(draws)).toString("latin1");
  if (draws.chance(0.05)) return `{"description":"${"x".repeat(MAX_FILE_BYTES)}"}`;
  return draws.chance(0.4) ? mutated(draws, text) : text;
}

/** What a file system takes for a file's name, with room for more. */
function canBeWritten(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name) &&
    name.isWellFormed() && Buffer.byteLength(name) <= 255;
}

/** Folders of real files: each is a document with its text or none, and the command line judges them alike. */
export const FILES: FuzzTarget = {
  name: "files",
  short: 80,
  input: (draws) => JSON.stringify(draws.list(4, () => [fileName(draws), content(draws)])),
  check: async (input) => {
    const files = pairsIn(input)?.filter(([name]) => canBeWritten(name));
    if (files === undefined) return;
    await using folder = await TemporaryFolder.create();
    await mkdir(folder.policies, { recursive: true });
    const bytes = new Map(files.map(([name, text]) => [name, Buffer.from(text, "latin1")]));
    for (const [name, content] of bytes) await writeFile(join(folder.policies, name), content);
    const backend = fileBackend(folder.policies, { maxFileBytes: MAX_FILE_BYTES });
    const { entries, notes = [] } = await backend.read("");
    const names = (await readdir(folder.policies)).filter(isPolicyFile);
    const breakers = new Set(names.filter((name) => name !== "breakers.json").map(breakerOfFile));
    const collections = names.includes("breakers.json") ? 1 : 0;
    assert.equal(entries.length, breakers.size + collections);
    for (const note of notes) assert(note.length < 2_000);
    for (const { source, text } of entries) {
      const held = bytes.get(source.slice(folder.policies.length + 1));
      assert(held !== undefined, `${source} was never written`);
      if (held.length <= MAX_FILE_BYTES) assert.equal(text, new TextDecoder().decode(held));
      else assert(text.length < 200 && !isPolicyText(text));
    }
    await assertValidated(folder.policies, bytes);
    await rm(folder.policies, { recursive: true });
  },
};

/** The command line ends with 0 or 1, and says for each file what the table of fields says. */
async function assertValidated(
  folder: string,
  bytes: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  for (const [name, content] of bytes) {
    if (!isPolicyFile(name)) continue;
    const { status, stderr, stdout } = await run(["validate", "--", join(folder, name)]);
    const text = new TextDecoder().decode(content);
    const isValid = name === "breakers.json" ? isCollectionText(text) : isPolicyText(text);
    assert.equal(status, isValid ? 0 : 1, `${name}: ${stderr}${stdout.slice(0, 500)}`);
  }
}
