/**
 * Makes the npm form of the package: `deno task pack [--output FILE]`. `deno pack`
 * turns the modules into JavaScript with declarations; what it leaves out or gets
 * wrong is put right here: declarations that are whole, syntax that Node 20 can read, a CommonJS
 * form for `require`, clients that are optional, and the command line tool.
 *
 * @module
 */
import { execFile } from "node:child_process";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import config from "../deno.json" with { type: "json" };
import { Interruption } from "../cli/interruption.ts";
import { toCommonJs } from "./common_js.ts";
import { declarations } from "./declarations.ts";
import { lowerSyntax } from "./lower_syntax.ts";
import { BIN, COMMON_JS, completePackageJson, type PackageOrigin } from "./package_json.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const USAGE = `Usage: deno task pack [--output FILE] [--repository URL]

Makes the tarball that npm installs, by default NAME-VERSION.tgz in this folder.

  -o, --output FILE      where it goes
      --repository URL   where package.json says that the sources are
  -h, --help             shows this
`;

/** How a tarball is made. */
export interface PackOptions extends PackageOrigin {
  /** Ends it, with nothing left behind. @default nothing does */
  readonly signal?: AbortSignal;
}

interface RunOptions {
  readonly cwd: string;
  readonly signal: AbortSignal | undefined;
}

/** Runs a program; what it printed is in the error if it fails. */
async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { cwd, signal } = options;
  const { stdout } = await promisify(execFile)(command, [...args], {
    cwd,
    ...(signal !== undefined && { signal }),
    env: { ...process.env, NO_COLOR: "1" },
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

/** Makes the tarball at `output`, a file's path, and returns that path. */
export async function pack(output: string, options: PackOptions = {}): Promise<string> {
  const { signal, ...origin } = options;
  const folder = await mkdtemp(join(tmpdir(), "switchgear-pack-"));
  try {
    const raw = join(folder, "raw.tgz");
    // Source maps would hold the paths of this machine, and every module a second time.
    await run(
      Deno.execPath(),
      ["pack", "--allow-dirty", "--no-source-maps", "--output", raw],
      { cwd: ROOT, signal },
    );
    await run("tar", ["-xzf", raw, "-C", folder], { cwd: folder, signal });
    const content = join(folder, "package");
    await complete(content, origin);
    const [{ filename }] = JSON.parse(
      await run("npm", ["pack", "--json", "--ignore-scripts"], { cwd: content, signal }),
    );
    signal?.throwIfAborted();
    const tarball = resolve(output);
    await mkdir(dirname(tarball), { recursive: true });
    await copyFile(join(content, filename), tarball);
    return tarball;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts right what `deno pack` made of the package in `content`. */
async function complete(content: string, origin: PackageOrigin): Promise<void> {
  const manifest = join(content, "package.json");
  const packageJson = completePackageJson(JSON.parse(await readFile(manifest, "utf8")), origin);
  await writeFile(manifest, `${JSON.stringify(packageJson, null, 2)}\n`);
  for (const entry of await readdir(content, { recursive: true })) {
    const file = join(content, entry);
    if (entry.endsWith(".d.ts")) await rm(file);
    if (!entry.endsWith(".js")) continue;
    const module = await readFile(file, "utf8");
    const lowered = lowerSyntax(module);
    if (lowered !== module) await writeFile(file, lowered);
    await place(join(content, COMMON_JS, entry), toCommonJs(lowered));
  }
  for (const [path, text] of declarations(ROOT, Object.values(config.exports))) {
    await writeFile(join(content, path), text);
    // Of its own, because TypeScript takes the nearest package.json for what a declaration is of.
    await place(join(content, COMMON_JS, path), text);
  }
  await place(
    join(content, COMMON_JS, "package.json"),
    `${JSON.stringify({ type: "commonjs", sideEffects: false })}\n`,
  );
  const bin = join(content, BIN);
  await mkdir(dirname(bin), { recursive: true });
  await copyFile(new URL("switchgear.js.template", import.meta.url), bin);
  await chmod(bin, 0o755);
}

/** Writes a file, in a folder that may not be there. */
async function place(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function main(args: string[]): Promise<number> {
  let output: string | undefined;
  let repository: string | undefined;
  try {
    const { values } = parseArgs({
      args,
      options: {
        output: { type: "string", short: "o" },
        repository: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      console.log(USAGE);
      return 0;
    }
    ({ output, repository } = values);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  const { name, version } = config;
  const base = process.env["INIT_CWD"] ?? process.cwd();
  const file = output ?? `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
  using interruption = new Interruption();
  const { signal } = interruption;
  try {
    const origin = repository === undefined ? {} : { repository };
    console.log(await pack(resolve(base, file), { ...origin, signal }));
    return 0;
  } catch (error) {
    if (interruption.status !== undefined) {
      console.error("Interrupted; nothing was written.");
      return interruption.status;
    }
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
