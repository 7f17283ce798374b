import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { plain } from "./jsr_consumer.ts";
import config from "../../deno.json" with { type: "json" };
import { denoCommand } from "../programs/deno_command.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A package as JSR would hold it after an upload. */
export interface JsrPackage {
  /** Without the `@`. */
  readonly scope: string;
  readonly name: string;
  readonly version: string;
  /** Entry points, `"./file"` say, and the modules that they stand for, relative to its root. */
  readonly exports: Readonly<Record<string, string>>;
  /** Its files by path: `"/mod.ts"`. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** What `deno publish` would upload, and what it said about that. */
export interface Publication {
  readonly package: JsrPackage;
  /** The lines that it printed, the list of files left out. */
  readonly said: readonly string[];
}

/**
 * Asks `deno publish` what it would upload, with every check that it makes: types, slow types,
 * modules left out, paths.
 *
 * @throws {Error} Where it would refuse; says why
 */
export async function publication(): Promise<Publication> {
  const { success, stdout, stderr } = await denoCommand({
    args: ["publish", "--dry-run", "--allow-dirty"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = [stdout, stderr].map((output) => new TextDecoder().decode(output)).join("\n");
  if (!success) throw new Error(`deno publish would refuse: ${plain(text)}`);
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const said: string[] = [];
  for (const line of text.split("\n")) {
    const url = line.match(/^ {3}(file:\S+) \([\d.]+\w+\)$/)?.[1];
    if (url === undefined) {
      if (line.trim() !== "") said.push(line);
      continue;
    }
    const path = `/${relative(ROOT, fileURLToPath(url)).replaceAll("\\", "/")}`;
    files.set(path, new Uint8Array(await readFile(new URL(url))));
  }
  const [scope, name] = config.name.slice(1).split("/");
  if (scope === undefined || name === undefined) throw new Error(`No JSR name: ${config.name}`);
  return {
    package: { scope, name, version: config.version, exports: config.exports, files },
    said,
  };
}
