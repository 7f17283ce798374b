import type { Clock } from "../clock.ts";
import { BackendError } from "../errors.ts";
import type { ConfigBackend, ConfigUpdate } from "./backend.ts";
import { pause, race } from "../waiting.ts";

/** Whether what is in force is what the backend holds. */
export type FeedState = "loading" | "fresh" | "stale" | "closed";

/** What a feed works with. */
export interface FeedOptions {
  readonly backend: ConfigBackend;
  readonly prefix: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** How long one attempt may take until its first update, in milliseconds. */
  readonly attemptMs: number;
  /** Takes in an update. */
  readonly onUpdate: (update: ConfigUpdate) => void;
  /** Hears when the backend is lost, once per outage, and when it is back. */
  readonly onState: (state: "fresh" | "stale", error?: unknown) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const CLOSE_MS = 1_000;

/**
 * Follows a backend for as long as the provider lives. All retrying is here:
 * whenever a watch ends, for whatever reason, what is in force stays, and after
 * a pause (100 ms to 5 s, doubling, spread by half) the watch is begun anew.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #stop = new AbortController();
  readonly #firstUpdate = Promise.withResolvers<void>();
  #ended: Promise<void> | undefined;
  #attempts = 0;
  #failedInARow = 0;
  #isLost = false;

  /** The state of the feed. */
  state: FeedState = "loading";
  /** Of the newest update. */
  revision: string | undefined;
  /** When the newest update came, in milliseconds of the clock. */
  updatedAt: number | undefined;
  /** Since when the backend has been out of reach, in milliseconds of the clock: while it was never read, since the start. */
  unreachableSince: number | undefined;
  /** Why it was lost, or the last attempt failed. */
  lastError: unknown;
  /** What the backend says of its state. */
  notes: readonly string[] = [];

  /** Creates a feed that has not begun. */
  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Attempts so far. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Begins, and resolves with the first update. */
  start(): Promise<void> {
    this.unreachableSince = this.#options.clock.now();
    this.#ended = this.#run();
    return this.#firstUpdate.promise;
  }

  /** Ends the watch; what is in force stays. */
  async close(): Promise<void> {
    this.state = "closed";
    this.#stop.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { backend, clock } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        this.#attempts++;
        await this.#follow();
        if (!backend.watches || signal.aborted) return;
        throw new BackendError(backend.description, `${backend.description}: the watch ended`);
      } catch (error) {
        if (signal.aborted) return;
        this.#lost(error);
      }
      await pause(this.#pauseMs(), { clock, signal });
    }
  }

  async #follow(): Promise<void> {
    const { backend, prefix, clock, attemptMs } = this.#options;
    const attempt = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, attempt.signal]);
    const updates = backend.watch(prefix, { signal })[Symbol.asyncIterator]();
    try {
      for (let first = true;; first = false) {
        const next = await race(updates.next(), {
          clock,
          signal: this.#stop.signal,
          ...(first && { timeoutMs: attemptMs }),
        });
        if (next.done) return;
        this.#take(next.value);
      }
    } finally {
      attempt.abort();
      // A backend that hangs does not answer this either.
      const ended = (async () => await updates.return?.())();
      await race(ended, { clock, timeoutMs: CLOSE_MS }).catch(() => {});
    }
  }

  #take(update: ConfigUpdate): void {
    const { clock, onUpdate, onState } = this.#options;
    const wasLost = this.#isLost;
    this.#isLost = false;
    this.state = "fresh";
    this.updatedAt = clock.now();
    this.unreachableSince = undefined;
    this.lastError = undefined;
    this.#failedInARow = 0;
    if (update.kind === "snapshot") {
      this.revision = update.snapshot.revision;
      const { notes = [], incomplete } = update.snapshot;
      this.notes = incomplete === undefined ? notes : [incomplete, ...notes];
    } else {
      this.revision = update.revision;
    }
    onUpdate(update);
    if (wasLost) onState("fresh");
    this.#firstUpdate.resolve();
  }

  #lost(error: unknown): void {
    const isNews = !this.#isLost;
    this.#isLost = true;
    this.lastError = error;
    this.unreachableSince ??= this.#options.clock.now();
    if (this.state === "fresh") this.state = "stale";
    if (isNews) this.#options.onState("stale", error);
  }

  #pauseMs(): number {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failedInARow++);
    return pauseMs * (1 - this.#options.random() / 2);
  }
}
