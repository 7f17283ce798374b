import assert from "node:assert/strict";
import { breakerInterceptor, type ConnectResponse } from "../../integrations/connect/mod.ts";
import { createBreaker, type StandaloneBreaker } from "../../src/breaker/create_breaker.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";

const SERVICE = { typeName: "im.Users" };
const UNARY = { name: "Get", methodKind: "unary" };
const STREAM = { name: "List", methodKind: "server_streaming" };
const ANSWER: ConnectResponse = { stream: false };

interface Guarded {
  readonly breaker: StandaloneBreaker;
  readonly clock: ManualClock;
  readonly abort: AbortController;
  /** Makes one call through the interceptor, over a transport that is `next`. */
  call(
    next: (request: { signal: AbortSignal }) => Promise<ConnectResponse>,
  ): Promise<ConnectResponse>;
}

function guarded(policy: Policy = {}, method: typeof UNARY = UNARY): Guarded {
  const clock = new ManualClock();
  const breaker = createBreaker("users", { failureThreshold: 0, ...policy }, { clock });
  const interceptor = breakerInterceptor({ getBreaker: () => breaker });
  const abort = new AbortController();
  const request = { signal: abort.signal, service: SERVICE, method };
  return { breaker, clock, abort, call: (next) => interceptor(next)(request) };
}

function counted({ counts: { lifetime } }: StandaloneBreaker): string {
  const { successes, failures, timeouts, ignored, stale } = lifetime;
  return `${successes} ok, ${failures} failed, ${timeouts} late, ${ignored} ignored, ${stale} stale`;
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}

/** A stream over a fake transport, and what was called on it. */
function fakeStream(next: () => Promise<IteratorResult<number>>) {
  const seen = { returned: 0 };
  const iterator = {
    next,
    return: () => {
      seen.returned++;
      return Promise.resolve({ done: true as const, value: undefined });
    },
  };
  const message = { [Symbol.asyncIterator]: () => iterator };
  const answer = (): Promise<ConnectResponse> => Promise.resolve({ stream: true, message });
  return { seen, answer };
}

async function messagesOf(response: Promise<ConnectResponse>): Promise<AsyncIterator<unknown>> {
  const { stream, ...rest } = await response;
  assert(stream && "message" in rest);
  return rest.message[Symbol.asyncIterator]();
}

Deno.test("Connect: a transport that ignores its signal is left at the caller's abort", async () => {
  const { call, abort, breaker } = guarded();
  const ended = call(never);
  abort.abort(new Error("no longer wanted"));
  await assert.rejects(ended, /no longer wanted/);
  assert.equal(counted(breaker), "0 ok, 0 failed, 0 late, 1 ignored, 0 stale");
});

Deno.test("Connect: a transport that ignores its signal is left at the policy's timeout, and its late answer is nothing", async () => {
  const { call, clock, breaker } = guarded({ timeout: "1s" });
  const late = Promise.withResolvers<ConnectResponse>();
  const ended = call(() => late.promise);
  clock.advance("1s");
  await assert.rejects(ended, { name: "ConnectError", code: 4 });
  late.reject(new Error("late"));
  await clock.tick();
  assert.equal(counted(breaker), "0 ok, 1 failed, 1 late, 0 ignored, 0 stale");
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("Connect: the transport's signal is aborted at the policy's timeout", async () => {
  const { call, clock } = guarded({ timeout: "1s" });
  let seen: AbortSignal | undefined;
  const ended = call(({ signal }) => {
    seen = signal;
    return never();
  });
  ended.catch(() => {});
  clock.advance("1s");
  assert.equal(seen?.aborted, true);
  await assert.rejects(ended);
});

Deno.test("Connect: the caller's abort reaches the transport with its reason, beside a policy's timeout", async () => {
  const { call, abort, clock } = guarded({ timeout: "1s" });
  let seen: AbortSignal | undefined;
  const ended = call(({ signal }) => {
    seen = signal;
    return never();
  });
  const reason = new Error("no longer wanted");
  abort.abort(reason);
  assert.equal(seen?.reason, reason);
  await assert.rejects(ended, reason);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("Connect: an interceptor below that throws synchronously is a failure and frees the slot", async () => {
  const { call, breaker } = guarded();
  const ended = call(() => {
    throw new Error("broken");
  });
  await assert.rejects(ended, /broken/);
  assert.equal(counted(breaker), "0 ok, 1 failed, 0 late, 0 ignored, 0 stale");
});

Deno.test("Connect: a call that a listener to its own admission aborts is not run", async () => {
  const { call, abort, breaker, clock } = guarded({ failureThreshold: 1, openStateTimeout: "1m" });
  breaker.tryAcquire()?.failure();
  clock.advance("1m");
  breaker.on("stateChange", ({ to }) => to === "half-open" && abort.abort());
  let ran = false;
  const ended = call(() => {
    ran = true;
    return Promise.resolve(ANSWER);
  });
  await assert.rejects(ended, { name: "AbortError" });
  assert.equal(ran, false);
  assert.equal(breaker.counts.inFlight, 0);
});

Deno.test("Connect: a response that is there counts, whatever is aborted after it", async () => {
  const { call, abort, breaker } = guarded();
  await call(() => Promise.resolve(ANSWER));
  abort.abort();
  assert.equal(counted(breaker), "1 ok, 0 failed, 0 late, 0 ignored, 0 stale");
});

Deno.test("Connect: a stream counts once its messages have ended", async () => {
  const { call, breaker } = guarded({}, STREAM);
  const { answer } = fakeStream(() => Promise.resolve({ done: true, value: undefined }));
  const messages = await messagesOf(call(answer));
  assert.equal(counted(breaker), "0 ok, 0 failed, 0 late, 0 ignored, 0 stale");
  await messages.next();
  assert.equal(counted(breaker), "1 ok, 0 failed, 0 late, 0 ignored, 0 stale");
});

Deno.test("Connect: a stream that is returned from before it is read is ignored, and the transport's is too", async () => {
  const { call, breaker } = guarded({}, STREAM);
  const { answer, seen } = fakeStream(never);
  const messages = await messagesOf(call(answer));
  await messages.return?.();
  assert.equal(counted(breaker), "0 ok, 0 failed, 0 late, 1 ignored, 0 stale");
  assert.equal(seen.returned, 1);
});

Deno.test("Connect: reading a stream that hangs ends at the caller's abort", async () => {
  const { call, abort, breaker } = guarded({}, STREAM);
  const messages = await messagesOf(call(fakeStream(never).answer));
  const next = messages.next();
  abort.abort(new Error("no longer wanted"));
  await assert.rejects(next, /no longer wanted/);
  assert.equal(counted(breaker), "0 ok, 0 failed, 0 late, 1 ignored, 0 stale");
});

Deno.test("Connect: a failure that nobody awaits is reported once", async () => {
  const { call } = guarded();
  const failure = new Error("nobody listens");
  const unhandled = await unhandledDuring(() => void call(() => Promise.reject(failure)));
  assert.deepEqual(unhandled, [failure]);
});
