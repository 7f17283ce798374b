import { BreakerOpenError, createBreaker, createWorkerPool, resilient } from "@switchgear/breaker";

const search = createBreaker("search", { failureThreshold: 2, openStateTimeout: "50ms" });
for (let i = 0; i < 2; i++) {
  await search.do(() => Promise.reject(new Error("down"))).catch(() => {});
}
const refusal = await search.do(() => Promise.resolve("found")).catch((error) => error);
if (!(refusal instanceof BreakerOpenError)) throw new Error(`not refused: ${refusal}`);
await new Promise((resolve) => setTimeout(resolve, refusal.retryAfterMs));
const found = await search.do(() => Promise.resolve("found"));

let attempts = 0;
const call = resilient<string>({ name: "users" })
  .breaker(search)
  .retry({ maxRetries: 2, backoff: "1ms" })
  .build();
const user = await call.do(() => ++attempts < 2 ? Promise.reject(new Error("no")) : "ann");

await using pool = createWorkerPool({ name: "mail", workers: 1 });
const sent = await pool.submit(() => {
  using permit = search.tryAcquire();
  permit?.success();
  return permit === undefined ? "refused" : "sent";
});
console.log(sent, refusal.reason, found, user, search.state);
