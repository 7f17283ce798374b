/** A program that uses the package without anything of Node or Deno; only its types are checked. */
import {
  type Breaker,
  BreakerOpenError,
  type BreakerTimeoutError,
  type BulkheadFullError,
  createBreaker,
  createHedge,
  createProvider,
  createTimeout,
  getDefaultConfig,
  type Permit,
  type Policy,
  resilient,
  withTimeout,
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
// What is always handed a signal may say so: it goes to `fetch` as it is, also with exactOptionalPropertyTypes.
const fetched: Response[] = [
  await breaker.do((signal) => fetch("https://example.org/", { signal }), { timeout: "1s" }),
  await breaker.do((signal: AbortSignal) => fetch("/", { signal }), {
    signal: new AbortController().signal,
  }),
  await createTimeout("1s").do((signal) => fetch("https://example.org/", { signal })),
  await createHedge().do((signal) => fetch("https://example.org/", { signal })),
  await withTimeout((signal) => fetch("https://example.org/", { signal }), "1s"),
  await breaker.do((signal) => fetch("https://example.org/", { signal: signal ?? null })),
];

// A predicate is asked about what the operation resolves to.
await breaker.do(() => fetch("https://example.org/"), {
  isResultFailure: (response) => response.status >= 500,
});
createBreaker("users", {}, { isResultFailure: (response: Response) => response.status >= 500 });

// Guarded, a function is what it was: overloads, type parameters and properties.
interface Find {
  (id: number): Promise<string>;
  (name: string, exact: boolean): Promise<string[]>;
  table: string;
}
declare const find: Find;
const guardedFind: Find = breaker.wrap(find);
const byId: string = await guardedFind(7);
const byName: string[] = await guardedFind("Ada", true);
const same: <T>(value: T) => Promise<T> = breaker.wrap(<T>(value: T) => Promise.resolve(value));
const orNull: (id: number) => Promise<string | null> = breaker.wrap(
  (id: number) => Promise.resolve(`${id}`),
  { fallback: () => null },
);
console.log(fetched, byId, byName, guardedFind.table, same, orNull);

// Whatever may be left out may be undefined.
createBreaker("users", { timeout: undefined, halfOpen: { maxProbes: undefined } }, {
  clock: undefined,
  isFailure: undefined,
});
await breaker.do(() => 1, { signal: undefined, timeout: undefined, fallback: undefined });
await breaker.do(() => 1, { signal: null });

// A switch over `code` narrows.
declare const known: BreakerOpenError | BreakerTimeoutError | BulkheadFullError;
switch (known.code) {
  case "BREAKER_OPEN":
    console.log(known.retryAfterMs);
    break;
  case "BREAKER_TIMEOUT":
    console.log(known.timeoutMs);
    break;
  case "BULKHEAD_FULL":
    console.log(known.queued);
    break;
  default: {
    const none: never = known;
    console.log(none);
  }
}
console.log(either, wrapped, composed, rows, middleware, response.status);

// What is wrong is refused, so nothing here is `any`.
// @ts-expect-error: no such field
createBreaker("users", { failureTreshold: 5 });
// @ts-expect-error: not what the operation resolves with
const wrong: Promise<number> = breaker.do(() => Promise.resolve("text"));
// @ts-expect-error: a breaker without a time limit hands no signal
breaker.do((signal: AbortSignal) => signal.reason);
// @ts-expect-error: not what the operation resolves to
breaker.do(() => "text", { isResultFailure: (value: number) => value > 7 });
// @ts-expect-error: a misspelt option
breaker.do(() => "text", { tiemout: 1 });
// @ts-expect-error: the state is read only
breaker.state = "open";
// @ts-expect-error: `query` takes a text
guard(new Pool(), provider, { name: "orders" }).query(7);
// @ts-expect-error: no such environment
getDefaultConfig("im-gateway", "staging");
console.log(wrong);
