/**
 * Calls a user's callback, of which nothing is expected. What it throws goes to
 * `report`, and what the promise of an async one rejects with too: it must not
 * end the program.
 */
export function tell<E>(
  callback: (event: E) => unknown,
  event: E,
  report: (error: unknown) => void,
): void {
  try {
    const returned = callback(event);
    if (returned instanceof Promise) returned.catch(report);
  } catch (error) {
    report(error);
  }
}
