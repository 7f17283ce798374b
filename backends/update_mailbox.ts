import type { ConfigEntry, ConfigSnapshot, ConfigUpdate } from "../src/provider/backend.ts";

/**
 * What a watch has yet to yield. Changes that come while the consumer is busy
 * are merged by source, so what waits here never outgrows the documents.
 */
export class UpdateMailbox {
  readonly #snapshot: () => ConfigSnapshot;
  readonly #changes = new Map<string, ConfigEntry | undefined>();
  #whole = false;
  #failure: { readonly error: unknown } | undefined;
  #closed = false;
  #finished = false;
  #wake: (() => void) | undefined;

  /** Creates a mailbox that takes the whole state from `snapshot`, at the moment of yielding it. */
  constructor(snapshot: () => ConfigSnapshot) {
    this.#snapshot = snapshot;
  }

  /** Announces that `source` now holds `entry`; `undefined`: that it is gone. */
  change(source: string, entry: ConfigEntry | undefined): void {
    this.#changes.set(source, entry);
    this.#wake?.();
  }

  /** Announces that the whole state is to be yielded again, or for the first time. */
  replace(): void {
    this.#whole = true;
    this.#wake?.();
  }

  /** Makes the watch throw `error`, whatever was waiting. The first error counts. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake?.();
  }

  /** Makes the watch return, whatever was waiting. */
  readonly close = (): void => {
    this.#closed = true;
    this.#wake?.();
  };

  /** Makes the watch return once it has yielded what is waiting. */
  readonly finish = (): void => {
    this.#finished = true;
    this.#wake?.();
  };

  /** Yields what arrives, until closed, finished or failed. For one consumer. */
  async *updates(): AsyncGenerator<ConfigUpdate, void> {
    while (!this.#closed) {
      if (this.#failure !== undefined) throw this.#failure.error;
      const update = this.#take();
      if (update !== undefined) yield update;
      else if (this.#finished) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  #take(): ConfigUpdate | undefined {
    if (!this.#whole && this.#changes.size === 0) return undefined;
    const whole = this.#whole;
    const changes = [...this.#changes];
    this.#whole = false;
    this.#changes.clear();
    const snapshot = this.#snapshot();
    if (whole) return { kind: "snapshot", snapshot };
    return {
      kind: "changes",
      changed: changes.flatMap(([, entry]) => entry ?? []),
      removed: changes.flatMap(([source, entry]) => entry === undefined ? { source } : []),
      revision: snapshot.revision,
    };
  }
}
