import type {
  BackendRequest,
  ConfigBackend,
  ConfigEntry,
  ConfigSnapshot,
  ConfigUpdate,
} from "../../mod.ts";

/** A policy document as an entry of a backend. */
export function entry(
  name: string,
  policy: unknown,
  revision: string,
  more: Partial<ConfigEntry> = {},
): ConfigEntry {
  const text = typeof policy === "string" ? policy : JSON.stringify(policy);
  return { kind: "policy", name, source: `${name}.json`, text, revision, ...more };
}

/** A backend whose every update and failure the test decides. */
export class ScriptedBackend implements ConfigBackend {
  readonly description: string = "scripted";
  readonly watches: boolean;
  /** Watches begun. */
  begun = 0;
  /** Watches that were told to end. */
  ended = 0;
  readonly #script: (() => IteratorResult<ConfigUpdate> | Error)[] = [];
  #wake: (() => void) | undefined;

  constructor(watches: boolean = true) {
    this.watches = watches;
  }

  /** The next update of the watch that is running, or the next one to begin. */
  send(update: ConfigUpdate): void {
    this.#push(() => ({ done: false, value: update }));
  }

  /** A whole state. */
  snapshot(...entries: ConfigEntry[]): void {
    this.send({ kind: "snapshot", snapshot: { entries, revision: `of ${entries.length}` } });
  }

  /** What changed. */
  changes(changed: ConfigEntry[], removed: string[] = []): void {
    const gone = removed.map((source) => ({ source }));
    this.send({ kind: "changes", changed, removed: gone, revision: "changed" });
  }

  /** The watch fails. */
  fail(message: string): void {
    this.#push(() => new Error(message));
  }

  /** The watch ends without a word. */
  end(): void {
    this.#push(() => ({ done: true, value: undefined }));
  }

  #push(step: () => IteratorResult<ConfigUpdate> | Error): void {
    this.#script.push(step);
    this.#wake?.();
  }

  read(): Promise<ConfigSnapshot> {
    return Promise.reject(new Error("not used by providers"));
  }

  watch(_prefix: string, request: BackendRequest = {}): AsyncIterable<ConfigUpdate> {
    this.begun++;
    request.signal?.addEventListener("abort", () => this.ended++, { once: true });
    const next = async (): Promise<IteratorResult<ConfigUpdate>> => {
      // A watch that was given up hangs, and takes nothing from the one after it.
      while (this.#script.length === 0 || request.signal?.aborted) {
        await new Promise<void>((resolve) => this.#wake = resolve); // for ever, if nothing is sent
      }
      const step = this.#script.shift()?.();
      if (step instanceof Error) throw step;
      return step ?? { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }
}
