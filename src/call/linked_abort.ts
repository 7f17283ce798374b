/**
 * A signal that is aborted with another one, or on its own. Unlinking it
 * cuts the link, so that a long-lived signal gathers no listeners.
 */
export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #follow = (): void => this.#controller.abort(this.#outer?.reason);

  /** Creates a signal that follows `outer`, where there is one. */
  constructor(outer: AbortSignal | undefined) {
    this.#outer = outer;
    if (outer?.aborted) this.#follow();
    else outer?.addEventListener("abort", this.#follow);
  }

  /** The signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts the signal and leaves the other one alone. */
  abort(): void {
    this.#controller.abort();
  }

  /** Cuts the link. */
  unlink(): void {
    this.#outer?.removeEventListener("abort", this.#follow);
  }
}
