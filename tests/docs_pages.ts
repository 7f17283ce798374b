/** The pages of the docs, and what tests read from them. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A file of text, by its path from the root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Reads one file of the repository. */
export async function readPage(path: string): Promise<Page> {
  return { path, text: await readFile(join(ROOT, path), "utf8") };
}

/** Every page for users and contributors. */
export async function readPages(): Promise<Page[]> {
  const ofDocs = (await readdir(join(ROOT, "docs"))).filter((name) => name.endsWith(".md"));
  const paths = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];
  return await Promise.all([...paths, ...ofDocs.map((name) => `docs/${name}`)].map(readPage));
}

/** The rows of the first table after a text, without its head, by cell. */
export function tableAfter(text: string, start: string): string[][] {
  const lines = linesAfter(text, start);
  const first = lines.findIndex((line) => line.startsWith("|"));
  const end = lines.findIndex((line, i) => i > first && !line.startsWith("|"));
  assert(first >= 0, `a table follows ${start}`);
  return lines.slice(first + 2, end).map((line) =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())
  );
}

/** The items of all lists from a heading to the next of its level or above, each on one line. */
export function listItems(text: string, heading: string): string[] {
  const [level = ""] = /^#+/.exec(heading) ?? [];
  const next = new RegExp(`^#{1,${level.length}} `);
  const lines = linesAfter(text, `\n${heading}\n`);
  const end = lines.findIndex((line) => next.test(line));
  return lines.slice(0, end < 0 ? lines.length : end).join("\n").split(/\n(?=- |\n|#)/)
    .map((block) => block.trim()).filter((block) => block.startsWith("- "))
    .map((item) => item.slice(2).replaceAll(/\s+/g, " "));
}

/** The blocks of code in a language. */
export function codeBlocks(text: string, language: string): string[] {
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "gm"));
  return [...blocks].map(([, code = ""]) => code);
}

function linesAfter(text: string, start: string): string[] {
  const at = text.indexOf(start);
  assert(at >= 0, `the page holds ${start}`);
  return text.slice(at + start.length).split("\n");
}
