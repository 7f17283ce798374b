import { watch as watchPath } from "node:fs";
import { fileURLToPath } from "node:url";
import { OptionsCheck } from "../../src/check/check_options.ts";
import type {
  BackendRequest,
  ConfigSnapshot,
  ConfigUpdate,
  WritableConfigBackend,
} from "../../src/provider/backend.ts";
import type { OpenFolderWatcher } from "./change_hints.ts";
import { FolderScanner } from "./folder_scan.ts";
import { folderState, snapshotOf } from "./folder_state.ts";
import { type FolderMemory, type FolderSettings, watchFolder } from "./folder_watch.ts";
import { FolderWriter } from "./folder_writer.ts";
import { pause } from "./pause.ts";
import { steadyMs } from "./real_time.ts";
import { settle, type SettledFiles } from "./settle.ts";

/** What {@linkcode fileBackend} takes. Times are in milliseconds. */
export interface FileBackendOptions {
  /** `"auto"`: let the system report changes, and poll where that fails; `"poll"`: poll only. @default "auto" */
  readonly watch?: "auto" | "poll" | undefined;
  /** From one look into the folder to the next where the system's reports cannot be relied on. @default 500 */
  readonly pollIntervalMs?: number | undefined;
  /** From one look to the next where they can. A change that was not reported then turns polling on for good. @default 5000 */
  readonly safetyPollIntervalMs?: number | undefined;
  /** From a report to the look, so that a writer can finish. @default 30 */
  readonly debounceMs?: number | undefined;
  /** How long a file must be missing to count as removed: editors take a file away before they put the new one there. @default 150 */
  readonly confirmRemovalMs?: number | undefined;
  /** Larger files are not read but reported. @default 1048576 */
  readonly maxFileBytes?: number | undefined;
}

const FIELDS: readonly string[] = Object.keys(
  {
    watch: true,
    pollIntervalMs: true,
    safetyPollIntervalMs: true,
    debounceMs: true,
    confirmRemovalMs: true,
    maxFileBytes: true,
  } satisfies Record<keyof FileBackendOptions, true>,
);
/** What a timer can wait: a longer time would be over at once, and the folder polled without a pause. */
const LONGEST_MS = 2 ** 31 - 1;

class FileBackend implements WritableConfigBackend {
  readonly description: string;
  readonly watches = true;
  readonly #settings: FolderSettings;
  readonly #writer: FolderWriter;
  readonly #memory: FolderMemory = { files: new Map() };

  constructor(folder: string, options: FileBackendOptions) {
    checkOptions(options);
    this.description = `file(${folder})`;
    this.#settings = {
      backend: this.description,
      folder,
      maxFileBytes: options.maxFileBytes ?? 2 ** 20,
      ...(options.watch === "poll" ? {} : { openWatcher }),
      pollIntervalMs: options.pollIntervalMs ?? 500,
      safetyPollIntervalMs: options.safetyPollIntervalMs ?? 5000,
      debounceMs: options.debounceMs ?? 30,
      confirmMs: options.confirmRemovalMs ?? 150,
    };
    this.#writer = new FolderWriter(this.description, folder, this.#settings.maxFileBytes);
  }

  async read(_prefix: string, request: BackendRequest = {}): Promise<ConfigSnapshot> {
    const { folder, maxFileBytes, confirmMs } = this.#settings;
    const scanner = new FolderScanner(this.description, folder, maxFileBytes);
    let settled: SettledFiles = { files: this.#memory.files, suspects: new Map() };
    for (;;) {
      const { files } = await scanner.scan(request.signal);
      settled = settle(settled, files, steadyMs(), confirmMs);
      if (settled.suspects.size === 0) break;
      await pause(confirmMs, request.signal);
    }
    this.#memory.files = settled.files;
    return snapshotOf(folderState(folder, settled.files));
  }

  watch(_prefix: string, request: BackendRequest = {}): AsyncIterable<ConfigUpdate> {
    return watchFolder(this.#settings, this.#memory, request.signal);
  }

  put(
    _prefix: string,
    name: string,
    text: string,
    request: BackendRequest = {},
  ): Promise<string> {
    return this.#writer.put(name, text, request.signal);
  }

  delete(_prefix: string, name: string, request: BackendRequest = {}): Promise<boolean> {
    return this.#writer.delete(name, request.signal);
  }

  compareAndSet(
    _prefix: string,
    name: string,
    text: string,
    revision: string | undefined,
    request: BackendRequest = {},
  ): Promise<string | undefined> {
    return this.#writer.compareAndSet(name, text, revision, request.signal);
  }
}

/**
 * Creates a backend that reads a folder of `NAME.json` files, and `breakers.json`
 * with one object of name to policy. The folder is its root; the prefix in the
 * provider's configuration plays no part. Changes are yielded within about 300 ms.
 *
 * A file's name is the breaker's, percent-encoded where a character could not
 * stand in a file name: `/user.UserService/GetUser` is
 * `%2Fuser.UserService%2FGetUser.json`. What people write by hand
 * (`grpc:user-service.json`, `用户服务.json`, `100%.json`) is understood too. A breaker called
 * `breakers` is `%62reakers.json`, the empty name `%.json`. Hidden files are
 * left alone.
 *
 * A file that cannot be read (too large, not permitted, a folder) appears as a
 * document that is refused, so that the policy before it stays in force. If the folder does not
 * exist, or is removed or replaced, reading and watching throw a `BackendError`.
 *
 * Writing replaces the file by renaming, under the lock file `.switchgear.lock`.
 * Writers of this package on one file system never overwrite each other's
 * `compareAndSet`; an editor that saves in the same instant, or a process that was stopped for
 * longer than 10 s between its last look and its rename, can. Two names that differ
 * only in case are one file where the file system does not tell them apart.
 *
 * On Deno it needs `--allow-read` for the folder, and `--allow-write` to write.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { fileBackend } from "@switchgear/breaker/file";
 * import assert from "node:assert/strict";
 * import { mkdtemp, rm, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const folder = await mkdtemp(join(tmpdir(), "policies-"));
 * await writeFile(join(folder, "users.json"), '{"failureThreshold": 3}');
 * {
 *   await using provider = await createProvider(getDefaultConfig("im-gateway", "development"), {
 *     backend: fileBackend(folder),
 *   });
 *   assert.equal(provider.getBreaker("users").policy.failureThreshold, 3);
 * }
 * await rm(folder, { recursive: true });
 * ```
 *
 * @param folder The folder, as a path or a `file:` URL.
 * @param options How the folder is watched. @default {}
 * @returns The backend; nothing is read yet.
 * @throws {TypeError} If an option is not known or not of its form.
 * @throws {RangeError} If an option is out of its range.
 */
export function fileBackend(
  folder: string | URL,
  options: FileBackendOptions = {},
): WritableConfigBackend {
  const path = typeof folder === "string" ? folder : fileURLToPath(folder);
  return new FileBackend(path.replace(/(?<=[^/])\/+$/, ""), options);
}

function checkOptions(options: FileBackendOptions): void {
  const check = new OptionsCheck("create file backend");
  check.known(options, FIELDS);
  const { watch = "auto", maxFileBytes } = options;
  check.oneOf("watch", watch, ["auto", "poll"]);
  for (const field of ["pollIntervalMs", "safetyPollIntervalMs"] as const) {
    const interval = options[field];
    if (interval !== undefined) check.number(field, interval, { above: 0, max: LONGEST_MS });
  }
  for (const field of ["debounceMs", "confirmRemovalMs"] as const) {
    const time = options[field];
    if (time !== undefined) check.number(field, time, { min: 0, max: LONGEST_MS });
  }
  if (maxFileBytes !== undefined) check.integer("maxFileBytes", maxFileBytes, { min: 1 });
}

const openWatcher: OpenFolderWatcher = (folder, onChange, onError) => {
  const watcher = watchPath(folder, onChange);
  watcher.on("error", onError);
  return watcher;
};
