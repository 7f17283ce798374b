import { Deferred } from "../../src/call/deferred.ts";
import { LinkedAbort } from "../../src/call/linked_abort.ts";
import type { ConfigSnapshot, ConfigUpdate } from "../../src/provider/backend.ts";
import { systemClock } from "../../src/time/clock.ts";
import { pause, race } from "../../src/time/waiting.ts";
import { EtcdCallError, STATUS } from "../../etcd/call_error.ts";
import type { EtcdHost } from "../../etcd/host.ts";
import { rawKey } from "../../etcd/key_range.ts";
import { watchHeartbeat, watchMirror } from "../../etcd/liveness.ts";
import type { EtcdEvent, WatchFrame } from "../../etcd/messages.ts";
import type { EtcdSettings } from "../../etcd/options.ts";
import { type EtcdSession, openSession } from "../../etcd/session.ts";
import { UpdateMailbox } from "../update_mailbox.ts";
import { type HeldKey, holdKey } from "./held_key.ts";
import type { KeySpace } from "./keys.ts";
import { Pacer } from "./pacer.ts";
import type { PrefixMemory } from "./prefix_memory.ts";

/** How far from its due time a relist may be, as a share. */
const RELIST_SPREAD = 0.2;

/** What {@linkcode followGeneration} takes. */
export interface GenerationOptions {
  readonly settings: EtcdSettings;
  readonly keys: KeySpace;
  readonly memory: PrefixMemory;
  readonly host: EtcdHost;
  readonly signal: AbortSignal | undefined;
}

/**
 * Follows a prefix over one session with one host, until `signal` is aborted. The watch stands
 * before the list is asked for, so nothing can fall between them, and neither a
 * compaction nor a resumption can lose anything: there is no revision to go on from.
 *
 * @throws {Error} As soon as the state may not be current any more.
 */
export async function* followGeneration(
  options: GenerationOptions,
): AsyncGenerator<ConfigUpdate, void> {
  const link = new LinkedAbort(options.signal);
  try {
    await using session = await openSession({ ...options, signal: link.signal });
    const generation = new Generation(options, session, link.signal);
    try {
      yield* generation.updates();
    } finally {
      link.abort();
      await generation.ended();
    }
  } catch (error) {
    if (!options.signal?.aborted) throw error;
  } finally {
    link.abort();
    link.unlink();
  }
}

class Generation {
  readonly #settings: EtcdSettings;
  readonly #keys: KeySpace;
  readonly #memory: PrefixMemory;
  readonly #session: EtcdSession;
  readonly #signal: AbortSignal;
  readonly #mailbox = new UpdateMailbox(() => this.#snapshot());
  readonly #created = new Deferred<void>();
  readonly #background: Promise<void>[] = [];
  #held = new Map<string, HeldKey>();
  #clusterId: string | undefined;
  /** Of the newest list: what comes at or below it is in it. */
  #listedAt = 0;
  /** The newest modification that was delivered, a deletion included. */
  #delivered = 0;
  /** Events that came while a list was on its way. */
  #backlog: EtcdEvent[] | undefined;
  #lastFrameMs = systemClock.now();

  constructor(
    { settings, keys, memory }: GenerationOptions,
    session: EtcdSession,
    signal: AbortSignal,
  ) {
    this.#settings = settings;
    this.#keys = keys;
    this.#memory = memory;
    this.#session = session;
    this.#signal = signal;
  }

  async *updates(): AsyncGenerator<ConfigUpdate, void> {
    const signal = this.#signal;
    signal.addEventListener("abort", this.#mailbox.close);
    const pacer = new Pacer();
    const forget = this.#memory.onAdopt(() => this.#mailbox.replace());
    try {
      await this.#start();
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

  /** Resolves when nothing runs any more; for after the abort. */
  async ended(): Promise<void> {
    await Promise.all(this.#background);
  }

  async #start(): Promise<void> {
    const { requestTimeoutMs: timeoutMs } = this.#settings;
    this.#backlog = [];
    const stream = this.#session.watch({
      range: this.#keys.range,
      onFrame: (frame) => this.#takeFrame(frame),
      onEnd: (error) => this.#fail(error),
    });
    // Whoever waits for it hears of a failure; nobody may be waiting.
    this.#created.promise.catch(() => {});
    await race(this.#created.promise, { clock: systemClock, signal: this.#signal, timeoutMs });
    await this.#list();
    this.#run(() => this.#relist());
    this.#run(() =>
      stream.requestProgress === undefined ? this.#mirror() : this.#beat(stream.requestProgress)
    );
  }

  #run(task: () => Promise<void>): void {
    this.#background.push(task().catch((error) => this.#fail(error)));
  }

  #fail(error: unknown): void {
    this.#mailbox.fail(error);
    this.#created.reject(error);
  }

  #takeFrame(frame: WatchFrame): void {
    this.#lastFrameMs = systemClock.now();
    this.#checkCluster(frame.header.clusterId);
    if (frame.cancelReason !== undefined) {
      const why = frame.compactRevision > 0 ? "its revision was compacted" : frame.cancelReason;
      this.#fail(
        new EtcdCallError(STATUS.unavailable, `etcd ended the watch: ${why || "no reason given"}`),
      );
      return;
    }
    if (frame.isCreated) this.#created.resolve();
    for (const event of frame.events) {
      this.#backlog?.push(event);
      if (this.#listedAt > 0) this.#apply(event);
    }
  }

  /** Reads the whole state and brings it up to date with what came meanwhile. */
  async #list(): Promise<void> {
    this.#backlog = this.#backlog ?? [];
    const floor = this.#memory.revision;
    const listing = await this.#session.list(this.#keys.range);
    this.#checkCluster(listing.clusterId);
    this.#memory.judge(listing, floor);
    const { era } = this.#memory;
    this.#held = new Map(
      listing.kvs.map((kv) => [rawKey(kv.key), holdKey(kv, this.#keys, era)]),
    );
    this.#memory.keep(this.#held);
    this.#listedAt = listing.revision;
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    for (const event of backlog) this.#apply(event);
    this.#mailbox.replace();
  }

  #apply(event: EtcdEvent): void {
    if (event.modRevision <= this.#listedAt) return;
    this.#delivered = Math.max(this.#delivered, event.modRevision);
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

  #snapshot(): ConfigSnapshot {
    const held = [...this.#held.values()];
    const { incomplete } = this.#memory;
    return {
      entries: held.flatMap(({ entry }) => entry ?? []),
      revision: String(Math.max(this.#listedAt, this.#delivered)),
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

  /** What answers for the host must not become another cluster under our hands. */
  #checkCluster(clusterId: string): void {
    this.#clusterId ??= clusterId;
    if (clusterId === this.#clusterId) return;
    throw new EtcdCallError(
      STATUS.unavailable,
      `two clusters answer at one address: ${this.#clusterId} and ${clusterId}`,
    );
  }

  async #relist(): Promise<void> {
    const { relistMs } = this.#settings;
    while (!this.#signal.aborted) {
      const dueMs = relistMs * (1 - RELIST_SPREAD + 2 * RELIST_SPREAD * Math.random());
      await pause(dueMs, { clock: systemClock, signal: this.#signal });
      if (!this.#signal.aborted) await this.#list();
    }
  }

  #beat(requestProgress: () => void): Promise<void> {
    return watchHeartbeat({
      ...this.#settings,
      signal: this.#signal,
      requestProgress,
      lastFrameMs: () => this.#lastFrameMs,
    });
  }

  #mirror(): Promise<void> {
    return watchMirror({
      ...this.#settings,
      signal: this.#signal,
      look: () => this.#session.range({ ...this.#keys.range, newestKeyOnly: true }),
      mirror: () => ({
        newest: Math.max(this.#listedAt, this.#delivered),
        count: this.#held.size,
      }),
      onAnswer: ({ header }) => this.#checkCluster(header.clusterId),
    });
  }
}
