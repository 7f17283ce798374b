/** Loads every entry point and every other module of the installed package. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const folder = join(process.cwd(), "node_modules", "@switchgear", "breaker");
const manifest: { name: string; exports: Record<string, unknown> } = JSON.parse(
  await readFile(join(folder, "package.json"), "utf8"),
);
const entries = Object.keys(manifest.exports).filter((entry) => entry !== "./package.json")
  .map((entry) => entry.replace(/^\./, manifest.name));
if (entries.length < 16) throw new Error(`only ${entries.length} entry points`);
for (const entry of entries) {
  const module: object = await import(entry);
  if (Object.keys(module).length === 0) throw new Error(`${entry} exports nothing`);
}
for (const path of await readdir(folder, { recursive: true })) {
  if (path.endsWith(".js") && !path.startsWith("bin")) {
    await import(pathToFileURL(join(folder, path)).href);
  }
}
console.log("done");
