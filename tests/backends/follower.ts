import type { ConfigBackend, ConfigEntry, ConfigUpdate } from "../../src/provider/backend.ts";

/** How long something that must happen may take before the test fails; it is no pause. */
const DEADLINE_MS = 5000;

/** How a watch ended: it returned, or it threw. */
export type WatchEnd = { readonly kind: "returned" } | {
  readonly kind: "threw";
  readonly error: unknown;
};

/** Consumes a watch as the provider does and knows the state that it amounts to. */
export class Follower implements AsyncDisposable {
  /** Every update so far. */
  readonly updates: ConfigUpdate[] = [];
  /** The documents as of the newest update, by source. */
  readonly entries = new Map<string, ConfigEntry>();
  readonly #ended: Promise<WatchEnd>;
  /** The notes of the newest snapshot. */
  notes: readonly string[] = [];
  readonly #abort = new AbortController();
  #end: WatchEnd | undefined;
  #wake: () => void = () => {};

  constructor(backend: ConfigBackend, prefix = "") {
    this.#ended = this.#consume(backend.watch(prefix, { signal: this.#abort.signal }));
  }

  /** The text of the policy in force for `name`, by layer. */
  textOf(name: string): string | undefined {
    const [first] = [...this.entries.values()]
      .filter((entry) => entry.kind === "policy" && entry.name === name)
      .sort((a, b) => (a.layer ?? 0) - (b.layer ?? 0));
    return first?.text;
  }

  /** Waits until the state fulfils `condition`; rejects if the watch ends or 5 s pass before. */
  async until(what: string, condition: () => boolean): Promise<void> {
    await this.#wait(what, () => condition() || this.#end !== undefined);
    if (condition()) return;
    const cause = this.#end?.kind === "threw" ? this.#end.error : undefined;
    throw new Error(`The watch ended before: ${what}`, { cause });
  }

  /** Waits until the watch ends by itself; rejects if 5 s pass before. */
  async end(): Promise<WatchEnd> {
    await this.#wait("the end of the watch", () => this.#end !== undefined);
    return await this.#ended;
  }

  /** Waits until there was a first update. */
  async started(): Promise<this> {
    await this.until("a first update", () => this.updates.length > 0);
    return this;
  }

  /** Aborts the watch and waits for its end. */
  async stop(): Promise<WatchEnd> {
    this.#abort.abort();
    return await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #wait(what: string, condition: () => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    const wake = (): void => this.#wake();
    deadline.addEventListener("abort", wake);
    try {
      while (!condition()) {
        if (deadline.aborted) throw new Error(`Not within ${DEADLINE_MS} ms: ${what}`);
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      deadline.removeEventListener("abort", wake);
    }
  }

  async #consume(watch: AsyncIterable<ConfigUpdate>): Promise<WatchEnd> {
    try {
      for await (const update of watch) {
        this.#apply(update);
        this.#wake();
      }
      this.#end = { kind: "returned" };
    } catch (error) {
      this.#end = { kind: "threw", error };
    }
    this.#wake();
    return this.#end;
  }

  #apply(update: ConfigUpdate): void {
    this.updates.push(update);
    if (update.kind === "snapshot") {
      this.entries.clear();
      this.notes = update.snapshot.notes ?? [];
      for (const entry of update.snapshot.entries) this.entries.set(entry.source, entry);
      return;
    }
    for (const { source } of update.removed) this.entries.delete(source);
    for (const entry of update.changed) this.entries.set(entry.source, entry);
  }
}
