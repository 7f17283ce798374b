/** Runs `body` and returns the errors of promises that nobody handled meanwhile. */
export async function unhandledDuring(body: () => void | Promise<void>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const last = new Error("the last one");
  const lastReported = Promise.withResolvers<void>();
  const listener = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    if (event.reason === last) lastReported.resolve();
    else unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", listener);
  try {
    await body();
    // Rejections are reported in their order, when the platform comes to it.
    await new Promise((resolve) => setTimeout(resolve, 0));
    Promise.reject(last);
    await lastReported.promise;
    return unhandled;
  } finally {
    globalThis.removeEventListener("unhandledrejection", listener);
  }
}
