/** Prints how many unhandled rejections each way to fail without being awaited raises: exactly one. */
import { createBreaker, createRetry, createTimeout } from "@switchgear/breaker";
import process from "node:process";
import { until } from "./check_list.ts";

let unhandled = 0;
process.on("unhandledRejection", () => unhandled++);

const fail = (): Promise<never> => Promise.reject(new Error("down"));
const WAYS: Record<string, () => Promise<unknown>> = {
  "do": () => createBreaker("b").do(fail),
  "do with a time limit": () => createBreaker("b", { timeout: "1h" }).do(fail),
  "do with a signal": () => createBreaker("b").do(fail, { signal: new AbortController().signal }),
  "do past its time limit": () =>
    createBreaker("b", { timeout: "5ms" }).do(() => new Promise(() => {})),
  "do of an open breaker": () => createBreaker("b", { mode: "forced-open" }).do(fail),
  "wrap": () => createBreaker("b").wrap(fail)(),
  "retry": () => createRetry({ maxRetries: 1, backoff: "1ms" }).do(fail),
  "timeout": () => createTimeout("1h").do(fail),
};

/** Long enough for a report that must not come. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

const wrong: string[] = [];
for (const [way, call] of Object.entries(WAYS)) {
  unhandled = 0;
  call();
  await until(() => unhandled > 0).catch(() => {});
  await settled();
  if (unhandled !== 1) wrong.push(`${way}: ${unhandled} unhandled rejections, not 1`);
  unhandled = 0;
  await call().catch(() => {});
  await settled();
  if (unhandled !== 0) wrong.push(`${way}: ${unhandled} unhandled rejections though handled`);
}
console.log(wrong.length === 0 ? "done" : wrong.join("\n"));
