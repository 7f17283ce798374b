/** A program that uses the package without anything of Node or Deno; only its types are checked. */
import {
  type Breaker,
  BreakerOpenError,
  createBreaker,
  createProvider,
  getDefaultConfig,
  type Permit,
  type Policy,
  resilient,
} from "@switchgear/breaker";
import { createHttpClient } from "@switchgear/breaker/fetch";
import { guard } from "@switchgear/breaker/guard";
import { compose, health, rateLimit } from "@switchgear/breaker/http_server";
import { memoryBackend } from "@switchgear/breaker/memory";
import { ManualClock } from "@switchgear/breaker/testing";

const policy: Policy = {
  failureThreshold: 5,
  window: { kind: "time", duration: "10s", buckets: 10 },
};
const breaker: Breaker = createBreaker("users", policy, { clock: new ManualClock() });
const permit: Permit | undefined = breaker.tryAcquire();
permit?.[Symbol.dispose]();

const answer: string = await breaker.do((signal: AbortSignal | undefined) =>
  Promise.resolve(String(signal?.aborted))
);
const either: string | number = await breaker.do(() => "text", { fallback: () => 7 });
const wrapped: (id: number) => Promise<string> = breaker.wrap((id: number) =>
  Promise.resolve(`${id}`)
);
const composed: Promise<string> = resilient<string>({ name: "users" }).timeout("1s").build()
  .do(() => answer);

const chunks = breaker.stream(async (signal: AbortSignal) => {
  const { body } = await fetch("https://example.org/", { signal });
  return body ?? new ReadableStream<Uint8Array>();
}, { idleWithin: "5s" });
for await (const chunk of chunks) console.log(chunk.byteLength);

class Pool {
  query(text: string): Promise<string[]> {
    return Promise.resolve([text]);
  }
}
const provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
  backend: memoryBackend({ users: policy }),
});
const rows: string[] = await guard(new Pool(), provider, { name: "orders" }).query("select 1");

const http = createHttpClient();
const middleware = compose(health(http), rateLimit({ rate: 1 }));
const response: Response = await http("https://example.org/", { method: "HEAD" });

declare const error: unknown;
if (error instanceof BreakerOpenError) {
  const retryAfterMs: number | undefined = error.retryAfterMs;
  console.log(retryAfterMs, error.reason === "open");
}
console.log(either, wrapped, composed, rows, middleware, response.status);

// What is wrong is refused, so nothing here is `any`.
// @ts-expect-error: no such field
createBreaker("users", { failureTreshold: 5 });
// @ts-expect-error: not what the operation resolves with
const wrong: Promise<number> = breaker.do(() => Promise.resolve("text"));
// @ts-expect-error: the state is read only
breaker.state = "open";
// @ts-expect-error: `query` takes a text
guard(new Pool(), provider, { name: "orders" }).query(7);
// @ts-expect-error: no such environment
getDefaultConfig("im-gateway", "staging");
console.log(wrong);
