/**
 * Holds the README's comparison to what its command prints: every cell of it
 * comes from running the libraries.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { denoCommand } from "./programs/deno_command.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The cells of a table in Markdown, however wide they are written. */
function cells(lines: readonly string[]): string[][] {
  const rows = lines.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  return rows.filter((row) => !row.every((cell) => /^-+$/.test(cell)));
}

// It takes some 20 s of real time, because the peers read the system's clock and set its timers.
Deno.test("the README's table of what goes wrong is what bench/peer_faults.ts prints", async () => {
  const { success, stdout, stderr } = await denoCommand({
    args: ["run", "-A", "bench/peer_faults.ts"],
    cwd: ROOT,
  }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  const printed = cells(decoder.decode(stdout).trim().split("\n"));
  const readme = (await readFile(`${ROOT}README.md`, "utf8")).split("\n");
  const start = readme.findIndex((line) => line.startsWith("| what goes wrong "));
  const end = readme.findIndex((line, i) => i > start && !line.startsWith("|"));
  assert(printed.length > 5);
  assert.deepEqual(cells(readme.slice(start, end)), printed);
});
