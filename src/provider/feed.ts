import { watchAbort } from "../call/abort_watch.ts";
import { Deferred } from "../call/deferred.ts";
import { BackendError } from "../errors.ts";
import type { Clock } from "../time/clock.ts";
import { Timeline } from "../time/timeline.ts";
import { pause, race } from "../time/waiting.ts";
import type { ConfigBackend, ConfigUpdate } from "./backend.ts";

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
  readonly #timeline: Timeline;
  readonly #stop = new AbortController();
  readonly #firstUpdate = new Deferred<void>();
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
    this.#timeline = Timeline.of(options.clock);
  }

  /** The present instant in milliseconds of the clock; a broken clock stands still, and ends no feed. */
  now(): number {
    return this.#timeline.clockMs(this.#timeline.now());
  }

  /** Attempts so far. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Begins, and resolves with the first update. */
  start(): Promise<void> {
    this.unreachableSince = this.now();
    // Without timers there are no further attempts, and the status says why.
    this.#ended = this.#run().catch((error) => this.#lost(error));
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
    const stop = this.#stop.signal;
    const updates = backend.watch(prefix, { signal: attempt.signal })[Symbol.asyncIterator]();
    // Not AbortSignal.any, by which Node 20 keeps every signal that a backend leaves a listener on.
    const watch = watchAbort(stop, { onAbort: () => attempt.abort(stop.reason) });
    try {
      for (let first = true;; first = false) {
        const next = await race(updates.next(), {
          clock,
          signal: stop,
          ...(first && { timeoutMs: attemptMs }),
        });
        // Closed since it came: what is in force then stays.
        if (next.done || stop.aborted) return;
        this.#take(next.value);
      }
    } finally {
      watch?.end();
      attempt.abort();
      // A backend that hangs does not answer this either.
      const ended = (async () => await updates.return?.())();
      await race(ended, { clock, timeoutMs: CLOSE_MS }).catch(() => {});
    }
  }

  #take(update: ConfigUpdate): void {
    const { onUpdate, onState } = this.#options;
    this.state = "fresh";
    this.updatedAt = this.now();
    this.unreachableSince = undefined;
    this.lastError = undefined;
    if (update.kind === "snapshot") {
      this.revision = update.snapshot.revision;
      const { notes = [], incomplete } = update.snapshot;
      this.notes = incomplete === undefined ? notes : [incomplete, ...notes];
    } else {
      this.revision = update.revision;
    }
    onUpdate(update); // one that cannot be taken in counts as a failed attempt
    const wasLost = this.#isLost;
    this.#isLost = false;
    this.#failedInARow = 0;
    if (wasLost) onState("fresh");
    this.#firstUpdate.resolve();
  }

  #lost(error: unknown): void {
    const isNews = !this.#isLost;
    this.#isLost = true;
    this.lastError = error;
    this.unreachableSince ??= this.now();
    if (this.state === "fresh") this.state = "stale";
    if (isNews) this.#options.onState("stale", error);
  }

  #pauseMs(): number {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failedInARow++);
    return pauseMs * (1 - this.#options.random() / 2);
  }
}
