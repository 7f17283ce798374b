/** What a breaker runs: it gets a signal when there is a time limit or a caller's signal. */
export type Operation<T> = (signal: AbortSignal | undefined) => T | PromiseLike<T>;
