import type { ConfigSnapshot, ConfigUpdate } from "../../src/provider/backend.ts";
import { type GenerationListener, openGeneration } from "../../etcd/generation.ts";
import type { EtcdHost } from "../../etcd/host.ts";
import { rawKey } from "../../etcd/key_range.ts";
import type { EtcdEvent } from "../../etcd/messages.ts";
import type { EtcdSettings } from "../../etcd/options.ts";
import type { Listing } from "../../etcd/session.ts";
import { UpdateMailbox } from "../update_mailbox.ts";
import { type HeldKey, holdKey } from "./held_key.ts";
import type { KeySpace } from "./keys.ts";
import { Pacer } from "./pacer.ts";
import type { PrefixMemory } from "./prefix_memory.ts";

/** What {@linkcode followPrefix} takes. */
export interface FollowOptions {
  readonly settings: EtcdSettings;
  readonly keys: KeySpace;
  readonly memory: PrefixMemory;
  readonly host: EtcdHost;
  readonly signal: AbortSignal | undefined;
}

/**
 * Yields the documents under a prefix, then every change, for one generation: over one session
 * with one host, until `signal` is aborted.
 *
 * @throws {Error} As soon as the state may not be current any more.
 */
export async function* followPrefix(options: FollowOptions): AsyncGenerator<ConfigUpdate, void> {
  const { settings, keys, memory, host, signal } = options;
  const documents = new PrefixDocuments(keys, memory);
  const { range } = keys;
  try {
    await using generation = await openGeneration({
      settings,
      host,
      range,
      listener: documents,
      signal,
    });
    yield* documents.updates(generation.signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** The documents under a prefix, as a generation tells of their keys. */
class PrefixDocuments implements GenerationListener {
  readonly #keys: KeySpace;
  readonly #memory: PrefixMemory;
  readonly #mailbox = new UpdateMailbox(() => this.#snapshot());
  #held = new Map<string, HeldKey>();
  /** What the memory knew before the list was asked for. */
  #floor = 0;
  /** How far what is held goes. */
  #revision = 0;

  constructor(keys: KeySpace, memory: PrefixMemory) {
    this.#keys = keys;
    this.#memory = memory;
  }

  async *updates(signal: AbortSignal): AsyncGenerator<ConfigUpdate, void> {
    if (signal.aborted) return;
    signal.addEventListener("abort", this.#mailbox.close);
    const pacer = new Pacer();
    const forget = this.#memory.onAdopt(() => this.#mailbox.replace());
    try {
      for await (const update of this.#mailbox.updates()) {
        yield update;
        const removed = this.#removedMeanwhile(update);
        if (removed !== undefined) yield removed;
        await pacer.next(signal);
      }
    } finally {
      forget();
      signal.removeEventListener("abort", this.#mailbox.close);
    }
  }

  beforeList(): void {
    this.#floor = this.#memory.revision;
  }

  onList(listing: Listing): void {
    this.#memory.judge(listing, this.#floor);
    const { era } = this.#memory;
    this.#held = new Map(
      listing.kvs.map((kv) => [rawKey(kv.key), holdKey(kv, this.#keys, era)]),
    );
    this.#memory.keep(this.#held);
    this.#revision = listing.revision;
    this.#mailbox.replace();
  }

  onEvent(event: EtcdEvent): void {
    this.#revision = Math.max(this.#revision, event.modRevision);
    this.#memory.reached(event.modRevision);
    const raw = rawKey(event.key);
    const before = this.#held.get(raw);
    if (before !== undefined && before.modRevision >= event.modRevision) return;
    if (event.isDelete) {
      this.#held.delete(raw);
      if (before?.entry !== undefined) this.#mailbox.change(before.entry.source, undefined);
      return;
    }
    const held = holdKey(event, this.#keys, this.#memory.era);
    this.#held.set(raw, held);
    if (held.entry === undefined) return;
    const { source } = held.entry;
    this.#mailbox.change(source, held.entry);
    if (this.#memory.has(source) || held.note !== before?.note) this.#mailbox.replace();
  }

  onEnd(error: unknown): void {
    this.#mailbox.fail(error);
  }

  #snapshot(): ConfigSnapshot {
    const held = [...this.#held.values()];
    const { incomplete } = this.#memory;
    return {
      entries: held.flatMap(({ entry }) => entry ?? []),
      revision: String(this.#revision),
      notes: held.flatMap(({ note }) => note ?? []),
      ...(incomplete !== undefined && { incomplete }),
    };
  }

  /** After a state from which nothing is taken for deleted: what the present cluster itself deleted. */
  #removedMeanwhile(update: ConfigUpdate): ConfigUpdate | undefined {
    if (update.kind === "changes" || update.snapshot.incomplete === undefined) return undefined;
    const present = new Set(update.snapshot.entries.map(({ source }) => source));
    const removed = [...this.#memory.seen].filter((source) => !present.has(source));
    if (removed.length === 0) return undefined;
    return {
      kind: "changes",
      changed: [],
      removed: removed.map((source) => ({ source })),
      revision: update.snapshot.revision,
    };
  }
}
