import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pack } from "../../npm/pack.ts";
import { npmInstall } from "../../tests/everywhere/npm_project.ts";
import { runOrThrow } from "../../tests/everywhere/program.ts";
import { provideRuntime } from "../../tests/everywhere/runtime_binary.ts";
import { RUNTIMES } from "../../tests/everywhere/runtimes.ts";

const BENCH = fileURLToPath(new URL("../", import.meta.url));
/** A package as a module imports it from Deno, with the name that it has on Node. */
const NPM_IMPORT = /(?<=\bfrom )"npm:(((?:@[\w-]+\/)?[\w-]+)@[\w.-]+)"/g;
const RELATIVE_IMPORT = /(?<=\bfrom ")\.[^"]+(?=")/g;
const LIMIT_MS = 600_000;

/** A module for Node, and the packages that it imports, each with its version. */
export interface NodeModule {
  readonly text: string;
  readonly packages: readonly string[];
}

/** What Node makes of a module of this folder: it strips the types itself, and knows no `npm:`. */
export function forNode(source: string): NodeModule {
  return {
    text: source.replaceAll(NPM_IMPORT, '"$2"'),
    packages: [...source.matchAll(NPM_IMPORT)].flatMap(([, packed = ""]) => packed),
  };
}

/** A script with all that it imports from this folder, by path. */
async function modulesOf(script: string): Promise<Map<string, NodeModule>> {
  const modules = new Map<string, NodeModule>();
  const waiting = [script];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (modules.has(path)) continue;
    const source = await readFile(join(BENCH, path), "utf8");
    modules.set(path, forNode(source));
    for (const [found] of source.matchAll(RELATIVE_IMPORT)) {
      waiting.push(join(dirname(path), found));
    }
  }
  return modules;
}

/** A script that runs on Node, with the package as npm installs it. */
export interface NodeScript {
  /** `"24.21.0"`. */
  readonly version: string;
  /** The version of its V8. */
  readonly v8: string;
  /** Runs it, and returns what it printed. */
  run(args: readonly string[]): Promise<string>;
}

/**
 * Makes `folder` a project in which a script of this folder runs on Node: the
 * newest Node 24, our tarball, the peers that the script imports.
 *
 * @throws {PlatformMissingError} If Node cannot be had.
 */
export async function nodeScript(
  script: string,
  { folder, signal }: { readonly folder: string; readonly signal?: AbortSignal },
): Promise<NodeScript> {
  const program = await provideRuntime(RUNTIMES.node24, join(folder, "runtime"));
  const tarball = await pack(join(folder, "package.tgz"), signal && { signal });
  const project = join(folder, "project");
  const modules = await modulesOf(script);
  const peers = [...modules.values()].flatMap(({ packages }) => packages);
  await npmInstall(project, { packages: [tarball, ...peers] });
  for (const [path, { text }] of modules) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }
  const print = 'console.log(process.versions.node + " " + process.versions.v8)';
  const versions = await runOrThrow(program, { cwd: project, args: ["-e", print] });
  const [version = "", v8 = ""] = versions.trim().split(" ");
  return {
    version,
    v8,
    run: (args) =>
      runOrThrow(program, { cwd: project, args: [script, ...args], limitMs: LIMIT_MS }),
  };
}
