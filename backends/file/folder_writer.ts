import { readdir, rm, stat } from "node:fs/promises";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { BackendError } from "../../src/errors.ts";
import { contentRevision } from "../content_revision.ts";
import {
  breakerOfFile,
  COLLECTION_FILE,
  isPolicyFile,
  MAX_FILE_NAME_BYTES,
  policyFileName,
} from "./file_names.ts";
import { type AssertHeld, withFolderLock } from "./folder_lock.ts";
import { fileOfEachBreaker } from "./folder_state.ts";
import { readPolicyFile } from "./policy_file.ts";
import { replaceFile } from "./replace_file.ts";
import { backendError, isMissing } from "./system_errors.ts";

/** Writes the policies of one folder, each write under the folder's lock. */
export class FolderWriter {
  readonly #backend: string;
  readonly #folder: string;
  readonly #maxFileBytes: number;

  /** Creates a writer of `folder` for the backend that describes itself as `backend`. */
  constructor(backend: string, folder: string, maxFileBytes: number) {
    this.#backend = backend;
    this.#folder = folder;
    this.#maxFileBytes = maxFileBytes;
  }

  /** Writes the policy of `name` and returns its revision. */
  put(name: string, text: string, signal: AbortSignal | undefined): Promise<string> {
    return this.#locked("write", name, signal, async (assertHeld) => {
      const [fileName] = await this.#filesOf(name);
      return await this.#write(name, fileName, text, assertHeld);
    });
  }

  /** Deletes every file that spells `name`; `false` if there was none. */
  delete(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    return this.#locked("delete", name, signal, async (assertHeld) => {
      const fileNames = await this.#filesOf(name);
      await assertHeld();
      // The one that counts goes last: no other comes into force in between.
      for (const fileName of fileNames.reverse()) {
        await rm(join(this.#folder, fileName), { force: true });
      }
      return fileNames.length > 0;
    });
  }

  /** Writes the policy of `name` if it is at `revision`; else returns `undefined`. */
  compareAndSet(
    name: string,
    text: string,
    revision: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    return this.#locked("write", name, signal, async (assertHeld) => {
      const [fileName] = await this.#filesOf(name);
      const current = fileName === undefined
        ? undefined
        : await readPolicyFile(join(this.#folder, fileName), { maxBytes: this.#maxFileBytes });
      if (current?.file.revision !== revision) return undefined;
      return await this.#write(name, fileName, text, assertHeld);
    });
  }

  /** The files that spell `name`, the one that counts first. */
  async #filesOf(name: string): Promise<string[]> {
    const spellings = (await readdir(this.#folder))
      .filter((fileName) => isPolicyFile(fileName) && fileName !== COLLECTION_FILE)
      .filter((fileName) => breakerOfFile(fileName) === name)
      .sort();
    const winner = fileOfEachBreaker(spellings).get(name);
    return winner === undefined
      ? []
      : [winner, ...spellings.filter((fileName) => fileName !== winner)];
  }

  async #write(
    name: string,
    existing: string | undefined,
    text: string,
    assertHeld: AssertHeld,
  ): Promise<string> {
    const fileName = existing ?? policyFileName(name);
    const content = Buffer.from(text, "utf8");
    if (Buffer.byteLength(fileName) > MAX_FILE_NAME_BYTES) {
      throw new Error(
        `its file name would have ${fileName.length} bytes, ${MAX_FILE_NAME_BYTES} are allowed; ` +
          `write it into ${COLLECTION_FILE}`,
      );
    }
    if (content.length > this.#maxFileBytes) {
      throw new Error(
        `it has ${content.length} bytes, ${this.#maxFileBytes} are allowed`,
      );
    }
    const path = join(this.#folder, fileName);
    const mode = await modeOf(path);
    await replaceFile(path, content, {
      ...(mode === undefined ? {} : { mode }),
      beforeRename: assertHeld,
    });
    return contentRevision(content);
  }

  async #locked<T>(
    action: string,
    name: string,
    signal: AbortSignal | undefined,
    change: (assertHeld: AssertHeld) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await withFolderLock(this.#folder, signal, async (assertHeld) => {
        return await change(async () => {
          await assertHeld();
          signal?.throwIfAborted();
        });
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      const what = `${action} the policy of ${JSON.stringify(name)} in "${this.#folder}"`;
      if (isMissing(error)) {
        throw new BackendError(this.#backend, `Cannot ${what}: the folder does not exist`, {
          cause: error,
        });
      }
      throw backendError(this.#backend, what, error);
    }
  }
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
