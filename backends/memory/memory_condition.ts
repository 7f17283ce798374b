type Condition =
  | { readonly kind: "up" }
  | { readonly kind: "down"; readonly error: Error }
  | { readonly kind: "hung" };

/** Whether a memory backend answers, fails or hangs. */
export class MemoryCondition {
  #condition: Condition = { kind: "up" };
  readonly #waiting = new Set<() => void>();

  /** What requests fail with while it is down. */
  get error(): Error | undefined {
    return this.#condition.kind === "down" ? this.#condition.error : undefined;
  }

  /** Whether requests get no answer. */
  get hangs(): boolean {
    return this.#condition.kind === "hung";
  }

  /** From now on requests fail with `error`. */
  fail(error: Error): void {
    this.#enter({ kind: "down", error });
  }

  /** From now on requests get no answer. */
  hang(): void {
    this.#enter({ kind: "hung" });
  }

  /** From now on requests are answered. */
  recover(): void {
    this.#enter({ kind: "up" });
  }

  /** Resolves when a request is answered; rejects when it fails, or with the reason of `signal`. */
  async answer(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    while (this.hangs) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal?.addEventListener("abort", wake);
      });
      signal?.throwIfAborted();
    }
    if (this.error !== undefined) throw this.error;
  }

  #enter(condition: Condition): void {
    this.#condition = condition;
    for (const wake of [...this.#waiting]) wake();
  }
}
