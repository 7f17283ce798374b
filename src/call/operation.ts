/** What a breaker runs: it gets a signal when there is a time limit or a caller's signal. */
export type Operation<T> = (signal: AbortSignal | undefined) => T | PromiseLike<T>;

/** What is run where there is always a signal. */
export type SignalledOperation<T> = { run(signal: AbortSignal): T | PromiseLike<T> }["run"];
