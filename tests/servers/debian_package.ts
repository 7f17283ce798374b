import { access, constants, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PrivateApt } from "./private_apt.ts";

/** A program, and the Debian package that brings it. */
export interface BinaryRequest {
  /** @example "etcd-server" */
  readonly package: string;
  /** @example "etcd" */
  readonly binary: string;
  /** Absolute folders that may hold it beside the usual ones; a part may hold `*`. @default [] */
  readonly folders?: readonly string[];
  /** Absolute folders that hold its libraries beside the usual ones; a part may hold `*`. @default [] */
  readonly libraries?: readonly string[];
}

/** Where to look and where to unpack. */
export interface ProvideOptions {
  /** Folders searched for an installed program, as in PATH. @default PATH */
  readonly path?: string;
  /** Folders searched for apt-get and dpkg-deb. @default PATH and the system's folders */
  readonly toolPath?: string;
  /** @default `switchgear-tests` in the user's cache folder, else in the temporary one */
  readonly cacheFolder?: string;
  /** Told what takes long. @default written to standard error */
  readonly report?: (line: string) => void;
}

/** A program that runs here, or the reason why there is none. */
export type ProvidedBinary =
  | {
    readonly available: true;
    readonly path: string;
    /** What its environment must hold: the libraries that were unpacked with it. */
    readonly env: Readonly<Record<string, string>>;
  }
  | { readonly available: false; readonly reason: string };

type Available = Extract<ProvidedBinary, { available: true }>;

const USUAL_FOLDERS = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
const LIBRARY_FOLDERS = ["/usr/lib/*-linux-gnu*", "/lib/*-linux-gnu*", "/usr/lib", "/lib"];

/**
 * Finds a program, or unpacks its Debian package and what that depends on into a cache folder,
 * without root and without touching the system. A program counts if `--version` runs.
 *
 * Processes that ask at the same time wait for the one that unpacks.
 */
export async function provideBinary(
  request: BinaryRequest,
  options: ProvideOptions = {},
): Promise<ProvidedBinary> {
  const path = (options.path ?? Deno.env.get("PATH") ?? "").split(":").filter(Boolean);
  const installed = await firstThatRuns(request, "", path);
  if (installed !== undefined) return installed;
  try {
    return await unpacked(request, options);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { available: false, reason: `${request.binary} is not installed, and ${cause}` };
  }
}

async function unpacked(request: BinaryRequest, options: ProvideOptions): Promise<Available> {
  const cache = await cacheFolder(options.cacheFolder);
  const root = join(cache, `${request.package}_${await systemName()}`);
  const cached = await firstThatRuns(request, root, USUAL_FOLDERS);
  if (cached !== undefined) return cached;
  using lock = await Deno.open(join(cache, "lock"), { create: true, write: true });
  await lock.lock(true);
  const unpackedByAnother = await firstThatRuns(request, root, USUAL_FOLDERS);
  if (unpackedByAnother !== undefined) return unpackedByAnother;
  await unpack(request.package, root, options);
  const found = await firstThatRuns(request, root, USUAL_FOLDERS);
  if (found === undefined) {
    throw new Error(`package ${request.package} brings no ${request.binary} that runs here`);
  }
  return found;
}

/** Unpacks beside the place and renames, so that a process that dies leaves nothing half done. */
async function unpack(name: string, root: string, options: ProvideOptions): Promise<void> {
  const say = options.report ?? ((line: string) => console.error(line));
  const report = (doing: string) => say(`${name}: ${doing} …`);
  const toolPath = options.toolPath ?? [Deno.env.get("PATH") ?? "", ...USUAL_FOLDERS].join(":");
  const [aptGet, dpkgDeb] = [
    await findTool("apt-get", toolPath),
    await findTool("dpkg-deb", toolPath),
  ];
  const cache = join(root, "..");
  const fresh = join(cache, "unpacking");
  const apt = new PrivateApt(aptGet, join(cache, "apt"));
  const started = performance.now();
  try {
    const packages = await apt.download(name, report);
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh);
    for (const file of packages) await run(dpkgDeb, ["-x", file, fresh]);
    await rm(root, { recursive: true, force: true });
    await rename(fresh, root);
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    say(`${name}: ${packages.length} packages unpacked in ${seconds} s`);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await apt.clean();
  }
}

/** The first of the places below `root` that holds the program and runs it. */
async function firstThatRuns(
  request: BinaryRequest,
  root: string,
  usualFolders: readonly string[],
): Promise<Available | undefined> {
  const folders = await expand(root, [...usualFolders, ...(request.folders ?? [])]);
  const libraryFolders = [...LIBRARY_FOLDERS, ...(request.libraries ?? [])];
  const libraries = root === "" ? [] : await expand(root, libraryFolders);
  const env: Record<string, string> = {};
  if (libraries.length > 0) env["LD_LIBRARY_PATH"] = libraries.join(":");
  for (const folder of folders) {
    const path = join(folder, request.binary);
    if (!(await isExecutable(path))) continue;
    const runs = await run(path, ["--version"], env).then(() => true, () => false);
    if (runs) return { available: true, path, env };
  }
  return undefined;
}

/** The folders below `root` that are there, a part with `*` standing for each that fits it. */
async function expand(root: string, patterns: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of patterns) {
    let folders = [root === "" ? "/" : root];
    for (const part of pattern.split("/").filter(Boolean)) {
      const fits = new RegExp(`^${part.split("*").map(RegExp.escape).join(".*")}$`);
      const next: string[] = [];
      for (const folder of folders) {
        const names = part.includes("*") ? await readdir(folder).catch(() => []) : [part];
        next.push(...names.filter((name) => fits.test(name)).map((name) => join(folder, name)));
      }
      folders = next;
    }
    for (const folder of folders) if (await isThere(folder)) found.push(folder);
  }
  return found;
}

async function findTool(tool: string, path: string): Promise<string> {
  for (const folder of path.split(":").filter(Boolean)) {
    if (await isExecutable(join(folder, tool))) return join(folder, tool);
  }
  throw new Error(`there is no ${tool} to unpack it with`);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(() => true, () => false);
}

async function run(path: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const { success, stderr } = await new Deno.Command(path, { args, env, stdin: "null" }).output();
  if (!success) throw new Error(`${path} failed: ${new TextDecoder().decode(stderr).trim()}`);
}

/** The first folder that can be written. */
async function cacheFolder(wanted: string | undefined): Promise<string> {
  const home = Deno.env.get("HOME");
  const caches = [Deno.env.get("XDG_CACHE_HOME"), home && join(home, ".cache")].filter(Boolean);
  const folders = wanted !== undefined ? [wanted] : [
    ...caches.map((folder) => join(folder ?? "", "switchgear-tests")),
    join(tmpdir(), `switchgear-tests-${Deno.uid() ?? "user"}`),
  ];
  for (const folder of folders) {
    const usable = await mkdir(folder, { recursive: true, mode: 0o700 })
      .then(() => access(folder, constants.W_OK)).then(() => true, () => false);
    if (usable) return folder;
  }
  throw new Error(`no cache folder can be written: ${folders.join(", ")}`);
}

/** A cache may be shared by several systems, whose packages differ. */
async function systemName(): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const field = (name: string) => release.match(new RegExp(`^${name}="?([\\w.-]*)`, "m"))?.[1];
  return [field("ID") ?? "unknown", field("VERSION_ID") ?? "unknown", Deno.build.arch].join("-");
}
