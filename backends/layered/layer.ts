import { BackendError } from "../../src/errors.ts";
import type {
  BackendRequest,
  ConfigBackend,
  ConfigEntry,
  ConfigSnapshot,
  ConfigUpdate,
} from "../../src/provider/backend.ts";

/** What one layer holds, its sources and notes marked as its own. */
export interface LayerState {
  /** The documents by source. */
  readonly entries: ReadonlyMap<string, ConfigEntry>;
  /** The layer's own revision. */
  readonly revision: string;
  /** What the layer has to say. */
  readonly notes: readonly string[];
}

/** What came and went (`undefined`) since the state before, by source. */
export type LayerChanges = ReadonlyMap<string, ConfigEntry | undefined>;

/** One backend among the layers of another. */
export class Layer {
  readonly #backend: ConfigBackend;
  readonly #index: number;
  readonly #label: string;
  readonly #owner: string;
  /** What a layer that does not watch held when it was first read, by prefix. */
  readonly #kept = new Map<string, LayerState>();

  /** Creates the layer number `index` of the backend `owner`; `label` goes before its sources. */
  constructor(backend: ConfigBackend, index: number, label: string, owner: string) {
    this.#backend = backend;
    this.#index = index;
    this.#label = label;
    this.#owner = owner;
  }

  /** Reads the layer, or hands out what was read once where it does not watch. */
  async read(prefix: string, request: BackendRequest): Promise<LayerState> {
    const kept = this.#kept.get(prefix);
    if (kept !== undefined) return kept;
    try {
      const state = this.#stateOf(await this.#backend.read(prefix, request));
      if (this.#backend.watches) return state;
      // Somebody else may have been first, and what was read first is kept.
      const first = this.#kept.get(prefix) ?? state;
      this.#kept.set(prefix, first);
      return first;
    } catch (error) {
      if (request.signal?.aborted) throw error;
      throw this.#failure("read", error);
    }
  }

  /**
   * Calls `listener` with the state and with what changed (`undefined`:
   * everything may have), until `signal` is aborted; where the layer does not
   * watch, once.
   */
  async follow(
    prefix: string,
    signal: AbortSignal,
    listener: (state: LayerState, changes: LayerChanges | undefined) => void,
  ): Promise<void> {
    if (!this.#backend.watches) {
      listener(await this.read(prefix, { signal }), undefined);
      return;
    }
    let state: LayerState = { entries: new Map(), revision: "", notes: [] };
    try {
      for await (const update of this.#backend.watch(prefix, { signal })) {
        if (signal.aborted) return;
        const changes = this.#changesOf(update);
        state = update.kind === "snapshot"
          ? this.#stateOf(update.snapshot)
          : { ...state, entries: applied(state.entries, changes), revision: update.revision };
        listener(state, update.kind === "snapshot" ? undefined : changes);
      }
    } catch (error) {
      if (signal.aborted) return;
      throw this.#failure("watch", error);
    }
    if (!signal.aborted) throw this.#failure("watch", new Error("the watch ended by itself"));
  }

  #stateOf(snapshot: ConfigSnapshot): LayerState {
    const entries = snapshot.entries.map((entry) => this.#owned(entry));
    return {
      entries: new Map(entries.map((entry) => [entry.source, entry])),
      revision: snapshot.revision,
      notes: (snapshot.notes ?? []).map((note) => `${this.#label}: ${note}`),
    };
  }

  #changesOf(update: ConfigUpdate): LayerChanges {
    const changes = new Map<string, ConfigEntry | undefined>();
    if (update.kind === "snapshot") return changes;
    for (const { source } of update.removed) changes.set(this.#source(source), undefined);
    for (const entry of update.changed) changes.set(this.#source(entry.source), this.#owned(entry));
    return changes;
  }

  #owned(entry: ConfigEntry): ConfigEntry {
    return {
      ...entry,
      source: this.#source(entry.source),
      // Two layers may count alike.
      revision: `${this.#index}:${entry.revision}`,
      layer: this.#index,
    };
  }

  #source(source: string): string {
    return `${this.#label} ${source}`;
  }

  #failure(action: string, cause: unknown): BackendError {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new BackendError(
      this.#owner,
      `Cannot ${action} layer ${this.#index}, ${this.#label}: ${why}`,
      { cause },
    );
  }
}

function applied(
  entries: ReadonlyMap<string, ConfigEntry>,
  changes: LayerChanges,
): ReadonlyMap<string, ConfigEntry> {
  const next = new Map(entries);
  for (const [source, entry] of changes) {
    if (entry === undefined) next.delete(source);
    else next.set(source, entry);
  }
  return next;
}
