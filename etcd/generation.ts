import { Deferred } from "../src/call/deferred.ts";
import { LinkedAbort } from "../src/call/linked_abort.ts";
import { systemClock } from "../src/time/clock.ts";
import { pause, race } from "../src/time/waiting.ts";
import { EtcdCallError, STATUS } from "./call_error.ts";
import type { EtcdHost } from "./host.ts";
import { type KeyRange, rawKey } from "./key_range.ts";
import { watchHeartbeat, watchMirror } from "./liveness.ts";
import type { EtcdEvent, WatchFrame } from "./messages.ts";
import type { EtcdSettings } from "./options.ts";
import { type EtcdSession, type Listing, openSession } from "./session.ts";

/** How far from its due time a relist may be, as a share. */
const RELIST_SPREAD = 0.2;

/** What hears of a range that is followed. */
export interface GenerationListener {
  /** A list is about to be asked for: it will hold whatever is known by now. */
  beforeList?(): void;
  /** A list came, which stands in for all that was told before; what changed since follows at once. */
  onList(listing: Listing): void;
  /** A key changed after the list. */
  onEvent(event: EtcdEvent): void;
  /** It is over, without having been asked to end: what was told may not be current any more. Called once. */
  onEnd(error: unknown): void;
}

/** What {@linkcode openGeneration} takes. */
export interface GenerationOptions {
  readonly settings: EtcdSettings;
  readonly host: EtcdHost;
  readonly range: KeyRange;
  readonly listener: GenerationListener;
  /** Ends it. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Follows a range over one session with one host, until `signal` is aborted or it is disposed of;
 * resolves when the first list was told. The watch stands before the list is asked for, so
 * nothing can fall between them, and neither a compaction nor a resumption can lose anything: there
 * is no revision to go on from.
 *
 * @throws {Error} If it does not come as far as that.
 */
export async function openGeneration(options: GenerationOptions): Promise<Generation> {
  const link = new LinkedAbort(options.signal);
  let generation: Generation | undefined;
  try {
    const session = await openSession({ ...options, signal: link.signal });
    generation = new Generation(options, session, link);
    await generation.start();
    return generation;
  } catch (error) {
    await generation?.[Symbol.asyncDispose]();
    link.abort();
    link.unlink();
    throw error;
  }
}

/** A range that is followed over one session with one host. */
export class Generation implements AsyncDisposable {
  readonly #settings: EtcdSettings;
  readonly #range: KeyRange;
  readonly #listener: GenerationListener;
  readonly #session: EtcdSession;
  readonly #link: LinkedAbort;
  readonly #created = new Deferred<void>();
  readonly #background: Promise<void>[] = [];
  /** The keys that are there. */
  #present = new Set<string>();
  #clusterId: string | undefined;
  /** Of the newest list: what comes at or below it is in it. */
  #listedAt = 0;
  /** The newest modification that was delivered, a deletion included. */
  #delivered = 0;
  /** Events that came while a list was on its way. */
  #backlog: EtcdEvent[] | undefined;
  #lastFrameMs = systemClock.now();
  #isOver = false;

  /** Takes over an open session and what ends it. */
  constructor(
    { settings, range, listener }: GenerationOptions,
    session: EtcdSession,
    link: LinkedAbort,
  ) {
    this.#settings = settings;
    this.#range = range;
    this.#listener = listener;
    this.#session = session;
    this.#link = link;
  }

  /** Aborted when it is asked to end. */
  get signal(): AbortSignal {
    return this.#link.signal;
  }

  /** Opens the watch and lists. */
  async start(): Promise<void> {
    const { requestTimeoutMs: timeoutMs } = this.#settings;
    this.#backlog = [];
    const stream = this.#session.watch({
      range: this.#range,
      onFrame: (frame) => this.#takeFrame(frame),
      onEnd: (error) => this.#fail(error),
    });
    // Whoever waits for it hears of a failure; nobody may be waiting.
    this.#created.promise.catch(() => {});
    await race(this.#created.promise, { clock: systemClock, signal: this.signal, timeoutMs });
    await this.#list();
    this.#run(() => this.#relist());
    this.#run(() =>
      stream.requestProgress === undefined ? this.#mirror() : this.#beat(stream.requestProgress)
    );
  }

  /** Ends it and resolves when nothing of it runs any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#link.abort();
    try {
      await Promise.all(this.#background);
      await this.#session[Symbol.asyncDispose]();
    } finally {
      this.#link.unlink();
    }
  }

  #run(task: () => Promise<void>): void {
    this.#background.push(task().catch((error) => this.#fail(error)));
  }

  #fail(error: unknown): void {
    this.#created.reject(error);
    if (this.#isOver || this.signal.aborted) return;
    this.#isOver = true;
    this.#listener.onEnd(error);
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
    this.#listener.beforeList?.();
    const listing = await this.#session.list(this.#range);
    this.#checkCluster(listing.clusterId);
    this.#present = new Set(listing.kvs.map(({ key }) => rawKey(key)));
    this.#listener.onList(listing);
    this.#listedAt = listing.revision;
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    for (const event of backlog) this.#apply(event);
  }

  #apply(event: EtcdEvent): void {
    if (event.modRevision <= this.#listedAt) return;
    this.#delivered = Math.max(this.#delivered, event.modRevision);
    if (event.isDelete) this.#present.delete(rawKey(event.key));
    else this.#present.add(rawKey(event.key));
    this.#listener.onEvent(event);
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
    while (!this.signal.aborted) {
      const dueMs = relistMs * (1 - RELIST_SPREAD + 2 * RELIST_SPREAD * Math.random());
      await pause(dueMs, { clock: systemClock, signal: this.signal });
      if (!this.signal.aborted) await this.#list();
    }
  }

  #beat(requestProgress: () => void): Promise<void> {
    return watchHeartbeat({
      ...this.#settings,
      signal: this.signal,
      requestProgress,
      lastFrameMs: () => this.#lastFrameMs,
    });
  }

  #mirror(): Promise<void> {
    return watchMirror({
      ...this.#settings,
      signal: this.signal,
      look: () => this.#session.range({ ...this.#range, newestKeyOnly: true }),
      mirror: () => ({
        newest: Math.max(this.#listedAt, this.#delivered),
        count: this.#present.size,
      }),
      onAnswer: ({ header }) => this.#checkCluster(header.clusterId),
    });
  }
}
