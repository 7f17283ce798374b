import { Buffer } from "node:buffer";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { LastKnownGoodStore } from "../../src/provider/last_known_good.ts";
import { replaceFile } from "./replace_file.ts";
import { backendError, isMissing } from "./system_errors.ts";

/** Only the owner may read what the policies were. */
const MODE = 0o600;

class FileLastKnownGood implements LastKnownGoodStore {
  readonly #path: string;
  /** What is still to be written. */
  #newest: string | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<string | undefined> {
    try {
      return await readFile(this.#path, "utf8");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw this.#explained("read", error);
    }
  }

  save(text: string): Promise<void> {
    this.#newest = text;
    const saving = this.#saving.then(() => this.#writeNewest());
    // Its failure is its caller's; the next save starts afresh.
    this.#saving = saving.catch(() => {});
    return saving;
  }

  async #writeNewest(): Promise<void> {
    const text = this.#newest;
    if (text === undefined) return;
    this.#newest = undefined;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      await replaceFile(this.#path, Buffer.from(text, "utf8"), { mode: MODE });
    } catch (error) {
      this.#newest ??= text;
      throw this.#explained("write", error);
    }
  }

  #explained(action: string, error: unknown): Error {
    const what = `${action} the last known good policies in "${this.#path}"`;
    return backendError(`last known good(${this.#path})`, what, error);
  }
}

/**
 * Creates a store that keeps the last good policies in the file at `path`. The
 * file is replaced whole, readable by its owner only, and its folder is created if
 * need be. Saves that come while one is under way follow it, the newest wins. Loading and
 * saving reject with a `BackendError` if the file cannot be read or written.
 *
 * Keep it out of the folder that a file backend reads: there it would be taken for a policy.
 *
 * @example Usage
 * ```ts ignore
 * const provider = await createProvider(config, {
 *   backend: fileBackend("./policies"),
 *   lastKnownGood: fileLastKnownGood("./state/last-known-good.json"),
 * });
 * ```
 */
export function fileLastKnownGood(path: string): LastKnownGoodStore {
  return new FileLastKnownGood(path);
}
