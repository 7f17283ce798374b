import assert from "node:assert/strict";
import { microtasks } from "../support/microtasks.ts";

/** A caller that may abort, whose signal counts the listeners that it has. */
export class CountedCaller {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal = this.#controller.signal;
  #listeners = 0;

  constructor() {
    const { signal } = this;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>): void => {
      this.#listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
      this.#listeners--;
      remove(...args);
    };
  }

  /** Listeners on the signal now. */
  get listeners(): number {
    return this.#listeners;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }
}

/** How a call looks after every microtask has run. */
export type Look = "pending" | { readonly value: unknown } | { readonly error: unknown };

/** Says how `promise` stands once all microtasks have run, and marks its failure as handled. */
export async function look(promise: Promise<unknown>): Promise<Look> {
  let seen: Look = "pending";
  promise.then((value) => seen = { value }, (error) => seen = { error });
  await microtasks(20);
  return seen;
}

/** Shows that `promise` rejects with `error` itself. */
export async function rejectsWith(promise: Promise<unknown>, error: unknown): Promise<void> {
  await assert.rejects(promise, (thrown) => {
    assert.equal(thrown, error);
    return true;
  });
}
