import type { ConfigUpdate } from "../../src/provider/backend.ts";
import { ChangeHints, type OpenFolderWatcher } from "./change_hints.ts";
import { FolderScanner } from "./folder_scan.ts";
import { type FolderState, folderState, updateBetween } from "./folder_state.ts";
import { pause } from "./pause.ts";
import type { PolicyFile } from "./policy_file.ts";
import { steadyMs } from "./real_time.ts";
import { settle, type SettledFiles } from "./settle.ts";

/** How a folder is read and watched; times in milliseconds. */
export interface FolderSettings {
  /** How the backend describes itself. */
  readonly backend: string;
  /** The folder. */
  readonly folder: string;
  /** Larger files are not read. */
  readonly maxFileBytes: number;
  /** Starts the system's watch; absent: the folder is polled. */
  readonly openWatcher?: OpenFolderWatcher;
  /** From one scan to the next where hints cannot be relied on. */
  readonly pollIntervalMs: number;
  /** From one scan to the next where they can. */
  readonly safetyPollIntervalMs: number;
  /** From a hint to the scan, so that a writer can finish. */
  readonly debounceMs: number;
  /** How long a file must be missing to count as removed. */
  readonly confirmMs: number;
}

/** What the folder held when it was last read; outlives the single watch. */
export interface FolderMemory {
  /** The files, by file name. */
  files: ReadonlyMap<string, PolicyFile>;
}

/**
 * Yields the documents of a folder and then every change, until `signal` is
 * aborted. Hints of the system's watch make it look at once. It looks
 * anyway every `pollIntervalMs` where the watch failed, missed a change, has not
 * yet given its first hint or cannot see what links lead to; else every
 * `safetyPollIntervalMs`, and as soon as the folder's own times change.
 *
 * Until its first hint a watch is not trusted because some give none and report
 * no error: on volumes shared with a virtual machine, and, on Deno and Bun, for a path
 * whose folder was removed while it was watched before.
 *
 * @throws {BackendError} if the folder cannot be read or is replaced.
 */
export async function* watchFolder(
  settings: FolderSettings,
  memory: FolderMemory,
  signal: AbortSignal | undefined,
): AsyncGenerator<ConfigUpdate, void> {
  const watch = new FolderWatch(settings, memory, signal);
  try {
    await watch.start();
    while (!signal?.aborted) {
      const update = await watch.look();
      if (update !== undefined) yield update;
      await watch.untilNextLook();
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    await watch.close();
  }
}

class FolderWatch {
  readonly #settings: FolderSettings;
  readonly #memory: FolderMemory;
  readonly #signal: AbortSignal | undefined;
  readonly #hints: ChangeHints;
  readonly #scanner: FolderScanner;
  #settled: SettledFiles;
  #sent: FolderState | undefined;
  #links = false;
  #missedChange = false;
  /** A scan that no hint had asked for found a change; a hint may still be on its way. */
  #unhinted = false;
  #hinted = true;

  constructor(settings: FolderSettings, memory: FolderMemory, signal: AbortSignal | undefined) {
    this.#settings = settings;
    this.#memory = memory;
    this.#signal = signal;
    this.#settled = { files: memory.files, suspects: new Map() };
    // Before the first scan, so that no change can fall in between.
    this.#hints = new ChangeHints(settings.folder, settings.openWatcher);
    this.#scanner = new FolderScanner(settings.backend, settings.folder, settings.maxFileBytes);
  }

  start(): Promise<void> {
    return this.#scanner.pin();
  }

  async close(): Promise<void> {
    this.#hints.close();
    await this.#scanner.close();
  }

  async look(): Promise<ConfigUpdate | undefined> {
    const { folder, confirmMs } = this.#settings;
    const scan = await this.#scanner.scan(this.#signal);
    this.#links = scan.links;
    this.#unhinted = scan.changed && !this.#hinted && this.#pollReason() === undefined;
    this.#settled = settle(this.#settled, scan.files, steadyMs(), confirmMs);
    // The first update is the whole state: it waits until all of that is certain.
    if (this.#sent === undefined && this.#settled.suspects.size > 0) return undefined;
    this.#memory.files = this.#settled.files;
    const state = folderState(folder, this.#settled.files, this.#notes());
    const update = updateBetween(this.#sent, state);
    this.#sent = state;
    return update;
  }

  async untilNextLook(): Promise<void> {
    const { debounceMs, confirmMs } = this.#settings;
    const signal = this.#signal;
    if (this.#unhinted && !await this.#hints.wait(confirmMs, signal)) this.#missedChange = true;
    this.#hinted = await this.#hintWithin(this.#untilPollMs());
    if (this.#hinted) await pause(debounceMs, signal);
    this.#hints.clear();
  }

  /** Waits for a hint, but not past a change of the folder itself: its end may come without one. */
  async #hintWithin(timeoutMs: number): Promise<boolean> {
    const { pollIntervalMs } = this.#settings;
    for (let leftMs = timeoutMs;; leftMs -= pollIntervalMs) {
      if (await this.#hints.wait(Math.min(leftMs, pollIntervalMs), this.#signal)) return true;
      if (leftMs <= pollIntervalMs || this.#signal?.aborted) return false;
      if (this.#hints.failure !== undefined || await this.#scanner.folderChanged()) return false;
    }
  }

  #untilPollMs(): number {
    const { pollIntervalMs, safetyPollIntervalMs, confirmMs } = this.#settings;
    const relies = this.#hints.proven && this.#pollReason() === undefined;
    const confirmedAtMs = Math.min(...this.#settled.suspects.values()) + confirmMs;
    // A timer may be up to a millisecond early.
    const untilConfirmedMs = Math.max(0, confirmedAtMs - steadyMs()) + 1;
    return Math.min(relies ? safetyPollIntervalMs : pollIntervalMs, untilConfirmedMs);
  }

  #pollReason(): string | undefined {
    if (this.#settings.openWatcher === undefined) return "as configured";
    const { failure } = this.#hints;
    if (failure !== undefined) return `watching is not possible here (${failure})`;
    if (this.#missedChange) return "watching missed a change";
    if (this.#links) return "a watch does not see where symbolic links lead";
    return undefined;
  }

  #notes(): string[] {
    const reason = this.#pollReason();
    return reason === undefined
      ? []
      : [`polling every ${this.#settings.pollIntervalMs} ms: ${reason}`];
  }
}
