/**
 * Ends a stream that nobody reads any more and that may be stuck, by the means that clients give
 * for it: `destroy()`, as Node's streams have it, or the `AbortController` that the streams of
 * language models' SDKs have as `controller`.
 *
 * @param stream What a client returned.
 */
export function endStream(stream: object): void {
  try {
    if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy();
    else if ("controller" in stream && stream.controller instanceof AbortController) {
      stream.controller.abort();
    }
  } catch {
    // It has ended for the caller all the same.
  }
}
