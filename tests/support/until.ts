const DEADLINE_MS = 10_000;
const POLL_MS = 2;

/**
 * Waits in real time for what nothing announces.
 *
 * @param holds Asked again and again until it says so
 * @param what What is waited for, for the error @default the text of `holds`
 * @throws {Error} Where it does not hold within 10 s
 */
export async function until(
  holds: () => Promise<boolean> | boolean,
  what: string = String(holds),
): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Not within ${DEADLINE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
