/** A function that returns a promise. */
export type AsyncFunction = (...args: never[]) => Promise<unknown>;

/**
 * What stands for a function whose calls are guarded. Where the function's own type says what it returns, that is the
 * function's own type, with its overloads, type parameters and properties. A fallback, or a promise of a class of its
 * own, leaves of several overloads the last.
 *
 * @typeParam Fn The function.
 * @typeParam F What may be answered in its place; `never` where nothing is.
 */
export type GuardedFunction<Fn extends AsyncFunction, F = never> =
  Promise<Awaited<ReturnType<Fn>> | F> extends ReturnType<Fn> ? Fn
    : (
      this: ThisParameterType<Fn>,
      ...args: Parameters<Fn>
    ) => Promise<Awaited<ReturnType<Fn>> | F>;
