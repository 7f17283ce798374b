/**
 * A function and what it is called with, in place of an operation: it takes no
 * signal, so that none need be made for it.
 *
 * @typeParam T What it resolves to.
 */
export class Application<T> {
  readonly #fn: CallableFunction;
  readonly #self: unknown;
  readonly #args: readonly unknown[];

  private constructor(fn: CallableFunction, self: unknown, args: readonly unknown[]) {
    this.#fn = fn;
    this.#self = self;
    this.#args = args;
  }

  /** A call of `fn` on `self` with `args`. */
  static of<This, Args extends unknown[], T>(
    fn: (this: This, ...args: Args) => T | PromiseLike<T>,
    self: This,
    args: Args,
  ): Application<T> {
    return new Application<T>(fn, self, args);
  }

  /** Calls the function. */
  run(): T | PromiseLike<T> {
    return Reflect.apply(this.#fn, this.#self, this.#args);
  }
}
