/**
 * Calls the service once. Whatever the service does, the response's body is
 * read or cancelled.
 *
 * @throws {Error} if the status is none of success; whatever `fetch` throws.
 */
export async function callService(url: string, signal: AbortSignal | undefined): Promise<string> {
  const response = await fetch(url, { signal: signal ?? null });
  const text = await response.text();
  if (!response.ok) throw new Error(`The service answered with status ${response.status}`);
  return text;
}

/**
 * Runs an operation that is given up after `limitMs` milliseconds, or when
 * `signal` is aborted: what a careful caller does who has no breaker.
 */
export async function withTimeLimit<T>(
  operation: (signal: AbortSignal) => Promise<T>,
  limitMs: number,
  signal: AbortSignal,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new Error(`The call took longer than ${limitMs} ms`)),
    limitMs,
  );
  try {
    return await operation(AbortSignal.any([limit.signal, signal]));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Calls back at a steady rate, whatever becomes of the calls: as users do, who
 * do not wait for one another.
 *
 * @param perSecond Calls per second.
 * @param call Is called for each.
 * @returns What ends it.
 */
export function steadily(perSecond: number, call: () => void): () => void {
  const startedAt = performance.now();
  let made = 0;
  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - startedAt) * perSecond / 1000);
    for (; made < due; made++) call();
  }, 1000 / perSecond);
  return () => clearInterval(timer);
}
