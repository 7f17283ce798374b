import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

const LISTS_GOOD_FOR_MS = 24 * 3_600_000;

/**
 * Debian's apt with state of its own, so that it needs no root and leaves the system's as it is.
 *
 * Sources, keys and proxies are the system's, and what the system has installed counts as there.
 */
export class PrivateApt {
  readonly #aptGet: string;
  readonly #folder: string;

  /** @param folder Where its lists and downloads go; used by one process at a time */
  constructor(aptGet: string, folder: string) {
    this.#aptGet = aptGet;
    this.#folder = folder;
  }

  /**
   * Downloads a package and all that it needs and the system has not.
   *
   * @param report Told what is being done
   * @returns The paths of the packages
   * @throws {Error} Where a package cannot be found or fetched
   */
  async download(name: string, report: (doing: string) => void): Promise<string[]> {
    await this.#prepare();
    const reused = await this.#hasFreshLists();
    let missing = reused ? "" : await this.#update(report);
    report(`downloading ${name} and what it depends on`);
    let outcome = await this.#run(install(name));
    if (!outcome.success && reused) {
      // A list of yesterday may name versions that are gone today.
      missing = await this.#update(report);
      outcome = await this.#run(install(name));
    }
    if (!outcome.success) {
      const why = [outcome.complaint, missing].filter(Boolean).join("; ");
      throw new Error(`apt-get cannot download ${name}: ${why}`);
    }
    const files = await readdir(this.#archives);
    return files.filter((file) => file.endsWith(".deb")).map((file) => join(this.#archives, file));
  }

  /** Removes what was downloaded; the lists stay. */
  async clean(): Promise<void> {
    await rm(this.#archives, { recursive: true, force: true });
  }

  get #archives(): string {
    return join(this.#folder, "archives");
  }

  get #stamp(): string {
    return join(this.#folder, "lists-fetched");
  }

  async #prepare(): Promise<void> {
    await this.clean();
    await mkdir(join(this.#archives, "partial"), { recursive: true });
    await mkdir(join(this.#folder, "lists", "partial"), { recursive: true });
    await writeFile(join(this.#folder, "apt.conf"), configuration(this.#folder));
  }

  async #hasFreshLists(): Promise<boolean> {
    const fetched = await stat(this.#stamp).catch(() => undefined);
    return fetched !== undefined && Date.now() - fetched.mtimeMs < LISTS_GOOD_FOR_MS;
  }

  /** @returns What could not be fetched: one source out of order does not hold up the others */
  async #update(report: (doing: string) => void): Promise<string> {
    report("fetching the package lists");
    const { success, complaint } = await this.#run(["update"]);
    if (!success) throw new Error(`apt-get cannot fetch the package lists: ${complaint}`);
    if (!/failed to (fetch|download)/i.test(complaint)) await writeFile(this.#stamp, "");
    else await rm(this.#stamp, { force: true });
    return complaint;
  }

  async #run(args: readonly string[]): Promise<{ success: boolean; complaint: string }> {
    const { success, stderr } = await new Deno.Command(this.#aptGet, {
      args: ["-c", join(this.#folder, "apt.conf"), ...args],
      env: { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    return {
      success,
      complaint: new TextDecoder().decode(stderr).trim().replaceAll(/\s*\n/g, " ").slice(-1_000),
    };
  }
}

/** Reinstalls, so that a package whose binary merely is not on the PATH is downloaded too. */
function install(name: string): string[] {
  return ["install", "--yes", "--download-only", "--reinstall", name];
}

/** Hooks are cleared: those of a container image clean up the system's own cache. */
function configuration(folder: string): string {
  return `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
Dir::State "${folder}";
Dir::State::lists "${folder}/lists";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "${folder}";
Dir::Cache::archives "${folder}/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log "${folder}";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Debug::NoLocking "true";
`;
}
