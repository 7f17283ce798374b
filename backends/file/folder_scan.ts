import { type FileHandle, lstat, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { BackendError } from "../../src/errors.ts";
import { isPolicyFile } from "./file_names.ts";
import { type FileReading, type PolicyFile, readPolicyFile } from "./policy_file.ts";
import { backendError, codeOf } from "./system_errors.ts";

/** Files that are looked at together. */
const BATCH = 16;

const FOLDER_REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "the folder does not exist"],
  ["ENOTDIR", "it is not a folder"],
]);

/** What one look into the folder found. */
export interface FolderScan {
  /** The files that may hold policies, by file name. */
  readonly files: ReadonlyMap<string, PolicyFile>;
  /** Whether the folder or any of the files is a symbolic link. */
  readonly links: boolean;
  /** Whether anything differs from the scan before; `true` for the first. */
  readonly changed: boolean;
}

/**
 * Looks into one folder again and again and reads what changed. The folder
 * must stay the same one: if another takes its place under the same path,
 * {@linkcode FolderScanner.scan} throws, because what it lacks was not removed.
 */
export class FolderScanner {
  readonly #backend: string;
  readonly #folder: string;
  readonly #maxFileBytes: number;
  #readings: ReadonlyMap<string, FileReading> | undefined;
  #identity: string | undefined;
  #modifiedNs: bigint | undefined;
  #pin: FileHandle | undefined;
  #folderIsLink = false;

  /** Creates a scanner of `folder` for the backend that describes itself as `backend`. */
  constructor(backend: string, folder: string, maxFileBytes: number) {
    this.#backend = backend;
    this.#folder = folder;
    this.#maxFileBytes = maxFileBytes;
  }

  /**
   * Keeps the folder open until {@linkcode close}, so that its inode number is
   * not given to the one that replaces it. Does nothing where that cannot be
   * done; on Windows, where numbers do not return and an open folder cannot
   * be replaced.
   */
  async pin(): Promise<void> {
    if (process.platform === "win32") return;
    try {
      this.#pin = await open(this.#folder, "r");
    } catch {
      // The scan says what is wrong.
    }
  }

  /** Lets go of the folder. */
  async close(): Promise<void> {
    await this.#pin?.close();
    this.#pin = undefined;
  }

  /**
   * Looks into the folder.
   *
   * @throws {BackendError} if the folder cannot be read or is no longer the same one.
   */
  async scan(signal: AbortSignal | undefined): Promise<FolderScan> {
    signal?.throwIfAborted();
    try {
      this.#modifiedNs = await this.#recognise();
      const listed = await readdir(this.#folder, { withFileTypes: true });
      const candidates = listed.filter((file) => isPolicyFile(file.name));
      const readings = await this.#readAll(candidates.map((file) => file.name).sort(), signal);
      await this.#recognise();
      const changed = this.#readings === undefined || differ(this.#readings, readings);
      this.#readings = readings;
      return {
        files: new Map([...readings].map(([fileName, { file }]) => [fileName, file])),
        links: this.#folderIsLink || candidates.some((file) => file.isSymbolicLink()),
        changed,
      };
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#explained(error);
    }
  }

  /** Whether files have come or gone, or the folder itself, since the newest scan. */
  async folderChanged(): Promise<boolean> {
    try {
      return await this.#recognise() !== this.#modifiedNs;
    } catch {
      // The next scan says what is wrong.
      return true;
    }
  }

  async #readAll(
    fileNames: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, FileReading>> {
    const readings = new Map<string, FileReading>();
    for (let at = 0; at < fileNames.length; at += BATCH) {
      signal?.throwIfAborted();
      const batch = fileNames.slice(at, at + BATCH);
      const read = await Promise.all(
        batch.map((fileName) =>
          readPolicyFile(join(this.#folder, fileName), {
            maxBytes: this.#maxFileBytes,
            former: this.#readings?.get(fileName),
          })
        ),
      );
      for (const [index, fileName] of batch.entries()) {
        const reading = read[index];
        if (reading !== undefined) readings.set(fileName, reading);
      }
    }
    return readings;
  }

  /** Checks that the folder is the one it was, and returns when it was modified. */
  async #recognise(): Promise<bigint> {
    const { dev, ino, mtimeNs } = await stat(this.#folder, { bigint: true });
    const identity = `${dev}:${ino}`;
    if (this.#identity === undefined) {
      this.#identity = identity;
      this.#folderIsLink = (await lstat(this.#folder)).isSymbolicLink();
    } else if (this.#identity !== identity) {
      throw new BackendError(
        this.#backend,
        `Cannot go on reading policies from "${this.#folder}": another folder has taken its place`,
      );
    }
    return mtimeNs;
  }

  #explained(error: unknown): BackendError {
    const what = `read policies from "${this.#folder}"`;
    const reason = FOLDER_REASONS.get(codeOf(error) ?? "");
    if (reason === undefined) return backendError(this.#backend, what, error);
    return new BackendError(this.#backend, `Cannot ${what}: ${reason}`, { cause: error });
  }
}

function differ(
  former: ReadonlyMap<string, FileReading>,
  readings: ReadonlyMap<string, FileReading>,
): boolean {
  return former.size !== readings.size ||
    [...readings].some(([name, { file }]) => former.get(name)?.file.revision !== file.revision);
}
