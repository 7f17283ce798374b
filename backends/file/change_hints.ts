import { clearTimeout, setTimeout } from "node:timers";
import { codeOf, messageOf } from "./system_errors.ts";

/** A running watch on a folder. */
export interface FolderWatcher {
  /** Ends the watch. */
  close(): void;
}

/**
 * Starts to watch `folder`; throws, or calls `onError` later, where that does
 * not work.
 */
export type OpenFolderWatcher = (
  folder: string,
  onChange: () => void,
  onError: (error: unknown) => void,
) => FolderWatcher;

/**
 * What the system's watch says about a folder: that something has changed, never
 * mind what. A hint to look, which may come late, often or not at all.
 */
export class ChangeHints {
  #watcher: FolderWatcher | undefined;
  #failure: string | undefined;
  #pending = false;
  #proven = false;
  #wake: (() => void) | undefined;

  /** Starts to watch `folder` with `openWatcher`; without it there are no hints. */
  constructor(folder: string, openWatcher: OpenFolderWatcher | undefined) {
    try {
      this.#watcher = openWatcher?.(folder, () => this.#hint(), (error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Why the watch does not work, where it is known not to. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Whether the watch has ever given a hint. */
  get proven(): boolean {
    return this.#proven;
  }

  /** Waits for a hint, at most `timeoutMs` milliseconds or until `signal` is aborted; tells whether there is one. */
  async wait(timeoutMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (!this.#pending && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", end);
          this.#wake = undefined;
          resolve();
        };
        const timer = setTimeout(end, timeoutMs);
        signal?.addEventListener("abort", end);
        this.#wake = end;
      });
    }
    return this.#pending;
  }

  /** Forgets the hints so far: what they hint at is about to be looked at. */
  clear(): void {
    this.#pending = false;
  }

  /** Ends the watch. */
  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #hint(): void {
    this.#pending = true;
    this.#proven = true;
    this.#wake?.();
  }

  #fail(error: unknown): void {
    this.#failure = codeOf(error) ?? messageOf(error);
    this.#wake?.();
  }
}
