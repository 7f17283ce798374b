/** What came back. */
export interface FetchedOnce {
  /** Whether the status is one of success. */
  readonly ok: boolean;
  readonly body: string;
}

/**
 * Gets a URL over a connection of its own, which leaves none to a server that is killed.
 *
 * @param deadlineMs How long it may take
 * @throws {Error} Where nothing answers in time
 */
export async function fetchOnce(url: string, deadlineMs = 2_000): Promise<FetchedOnce> {
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), deadlineMs);
  try {
    const response = await fetch(url, { client, signal: abort.signal });
    return { ok: response.ok, body: await response.text() };
  } finally {
    clearTimeout(timer);
  }
}
