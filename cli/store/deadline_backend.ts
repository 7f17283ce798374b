import { BackendError } from "../../src/errors.ts";
import type {
  BackendRequest,
  ConfigSnapshot,
  ConfigUpdate,
  ConfigVersion,
  Finding,
  WritableConfigBackend,
} from "../../src/provider/backend.ts";
import { type Clock, systemClock } from "../../src/time/clock.ts";
import { race } from "../../src/time/waiting.ts";

/** How long a request may take in milliseconds, and what it means if it took longer. */
interface Deadline {
  readonly timeoutMs: number;
  readonly consequence: string;
}

const READING: Deadline = { timeoutMs: 15_000, consequence: "" };
/** It looks at every member in turn. */
const DIAGNOSIS: Deadline = { timeoutMs: 60_000, consequence: "" };
const WRITING: Deadline = {
  timeoutMs: 15_000,
  consequence: ": the change may have been made, or may not",
};

/**
 * A backend whose requests end after 15 s, a diagnosis after 60 s, even where the
 * backend does not answer at all: nobody should sit before a command that hangs.
 */
export class DeadlineBackend implements WritableConfigBackend {
  readonly #inner: WritableConfigBackend;
  readonly #clock: Clock;
  /** How the backend calls itself. */
  readonly description: string;
  /** Whether it reports changes. */
  readonly watches: boolean;
  /** The versions of a document; absent where the backend remembers none. */
  readonly history?: NonNullable<WritableConfigBackend["history"]>;
  /** Looks at the backend; absent where it has no such look. */
  readonly diagnose?: NonNullable<WritableConfigBackend["diagnose"]>;

  /** Puts deadlines on `inner`. */
  constructor(inner: WritableConfigBackend, clock: Clock = systemClock) {
    this.#inner = inner;
    this.#clock = clock;
    this.description = inner.description;
    this.watches = inner.watches;
    if (inner.history !== undefined) {
      this.history = (prefix, name, request) =>
        this.#timed<readonly ConfigVersion[]>(
          (timed) => inner.history?.(prefix, name, timed) ?? Promise.resolve([]),
          request,
        );
    }
    if (inner.diagnose !== undefined) {
      this.diagnose = (prefix, request) =>
        this.#timed<readonly Finding[]>(
          (timed) => inner.diagnose?.(prefix, timed) ?? Promise.resolve([]),
          request,
          DIAGNOSIS,
        );
    }
  }

  /** Reads every document. */
  read(prefix: string, request?: BackendRequest): Promise<ConfigSnapshot> {
    return this.#timed((timed) => this.#inner.read(prefix, timed), request);
  }

  /** Watches, for as long as that lasts. */
  watch(prefix: string, request?: BackendRequest): AsyncIterable<ConfigUpdate> {
    return this.#inner.watch(prefix, request);
  }

  /** Writes a document. */
  put(prefix: string, name: string, text: string, request?: BackendRequest): Promise<string> {
    return this.#timed((timed) => this.#inner.put(prefix, name, text, timed), request, WRITING);
  }

  /** Deletes a document. */
  delete(prefix: string, name: string, request?: BackendRequest): Promise<boolean> {
    return this.#timed((timed) => this.#inner.delete(prefix, name, timed), request, WRITING);
  }

  /** Writes a document if it is at `revision`. */
  compareAndSet(
    prefix: string,
    name: string,
    text: string,
    revision: string | undefined,
    request?: BackendRequest,
  ): Promise<string | undefined> {
    return this.#timed(
      (timed) => this.#inner.compareAndSet(prefix, name, text, revision, timed),
      request,
      WRITING,
    );
  }

  async #timed<T>(
    ask: (request: BackendRequest) => Promise<T>,
    { signal }: BackendRequest = {},
    { timeoutMs, consequence }: Deadline = READING,
  ): Promise<T> {
    const stop = new AbortController();
    const request = { signal: stop.signal };
    try {
      return await race(ask(request), {
        clock: this.#clock,
        timeoutMs,
        ...(signal !== undefined && { signal }),
      });
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "TimeoutError") throw error;
      throw new BackendError(
        this.description,
        `No answer from ${this.description} within ${timeoutMs / 1_000} s${consequence}`,
        { cause: error },
      );
    } finally {
      stop.abort();
    }
  }
}
