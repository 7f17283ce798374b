import assert from "node:assert/strict";
import { BreakerOpenError, createBreaker } from "../../mod.ts";
import { createFallback } from "../../src/patterns/fallback.ts";
import { Deferred } from "../support/deferred_operation.ts";
import { KeptLog } from "../support/kept_log.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";
import { CountedCaller, look, rejectsWith } from "./caller_support.ts";

const BOOM = new Error("boom");
const SECOND = new Error("the handler failed, too");
const REASON = new Error("the caller left");

const throwing = (): never => {
  throw BOOM;
};
const rejecting = (): Promise<never> => Promise.reject(BOOM);
const fail = (): never => {
  throw SECOND;
};

/** How a call is made: the two ways differ in who owns the promise. */
const WAYS: Record<string, () => { readonly signal: AbortSignal } | undefined> = {
  "without a signal": () => undefined,
  "with a signal": () => new CountedCaller(),
};

for (const [way, options] of Object.entries(WAYS)) {
  Deno.test(`${way}: a success passes through, and the handler is not asked`, async () => {
    const fallback = createFallback(fail);
    assert.equal(await fallback.do(() => Promise.resolve("value"), options()), "value");
    assert.equal(await fallback.do(() => undefined, options()), undefined);
  });

  for (const operation of [throwing, rejecting]) {
    Deno.test(`${way}: the handler answers ${operation.name}, sync and async, given the error`, async () => {
      const sync = createFallback((error) => ({ instead: error }));
      const async = createFallback((error) => Promise.resolve({ instead: error }));
      assert.deepEqual(await sync.do(operation, options()), { instead: BOOM });
      assert.deepEqual(await async.do(operation, options()), { instead: BOOM });
    });

    Deno.test(`${way}: what the handler throws after ${operation.name} is thrown as it is`, async () => {
      await rejectsWith(createFallback(fail).do(operation, options()), SECOND);
      const later = createFallback(() => Promise.reject(SECOND));
      await rejectsWith(later.do(operation, options()), SECOND);
      assert.deepEqual([BOOM.cause, SECOND.cause], [undefined, undefined]);
    });

    Deno.test(`${way}: ${operation.name} that is not handled is thrown as it is`, async () => {
      const asked: unknown[] = [];
      const handles = (error: unknown): boolean => asked.push(error) === 0;
      const fallback = createFallback(() => "instead", { handles });
      await rejectsWith(fallback.do(operation, options()), BOOM);
      assert.deepEqual(asked, [BOOM]);
    });
  }

  const broken: Record<string, (error: unknown) => boolean> = {
    throws: fail,
    // @ts-expect-error -- a caller in JavaScript can do this
    "answers with a promise": () => Promise.resolve(true),
    // @ts-expect-error -- a caller in JavaScript can do this
    "answers with a promise that rejects": () => Promise.reject(SECOND),
  };
  for (const [how, handles] of Object.entries(broken)) {
    Deno.test(`${way}: a predicate that ${how} is reported and counts as false`, async () => {
      const logger = new KeptLog();
      const fallback = createFallback(() => "instead", { handles, logger, name: "f" });
      await rejectsWith(fallback.do(rejecting, options()), BOOM);
      assert.deepEqual(logger.lines, [
        'error: Fallback "f": handles failed, taking it for false',
      ]);
    });
  }

  Deno.test(`${way}: a failure that nobody awaits raises unhandledrejection, once`, async () => {
    const fallback = createFallback(fail);
    const unhandled = await unhandledDuring(() => {
      fallback.do(rejecting, options());
    });
    assert.deepEqual(unhandled, [SECOND]);
  });

  Deno.test(`${way}: an answered failure that nobody awaits raises none`, async () => {
    const fallback = createFallback(() => "instead");
    const unhandled = await unhandledDuring(() => {
      fallback.do(rejecting, options());
    });
    assert.deepEqual(unhandled, []);
  });

  Deno.test(`${way}: what is no function is the caller's mistake, and not answered`, async () => {
    const fallback = createFallback(() => "instead");
    // @ts-expect-error -- a caller in JavaScript can do this
    await assert.rejects(fallback.do("fetch", options()), TypeError);
  });

  Deno.test(`${way}: a promise whose then throws is a failure like another`, async () => {
    class Hostile extends Promise<string> {
      constructor() {
        super(() => {});
      }
    }
    const fallback = createFallback(() => "instead");
    assert.equal(await fallback.do(() => new Hostile(), options()), "instead");
  });
}

Deno.test("with a signal that is aborted already nothing runs", async () => {
  const operation = new Deferred();
  const call = createFallback(() => "instead").do(operation.operation, {
    signal: AbortSignal.abort(REASON),
  });
  await rejectsWith(call, REASON);
  assert.equal(operation.calls, 0);
});

Deno.test("the caller's abort rejects at once with its reason, and is not answered", async () => {
  const obeying = (signal: AbortSignal | undefined): Promise<never> =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(BOOM)));
  const ignoring = (): Promise<never> => new Promise(() => {});
  for (const operation of [obeying, ignoring]) {
    const caller = new CountedCaller();
    let answered = 0;
    const call = createFallback(() => answered++).do(operation, { signal: caller.signal });
    caller.abort(REASON);
    assert.deepEqual(await look(call), { error: REASON });
    assert.equal(answered, 0);
  }
});

Deno.test("an operation that settled before the abort keeps its outcome, and is not answered", async () => {
  for (const how of ["resolve", "reject"] as const) {
    const caller = new CountedCaller();
    const operation = new Deferred<unknown>();
    const call = createFallback(() => "instead").do(operation.operation, caller);
    operation[how](BOOM);
    caller.abort(REASON);
    const expected = how === "resolve" ? { value: BOOM } : { error: BOOM };
    assert.deepEqual(await look(call), expected);
  }
});

Deno.test("an abort while the handler is at work rejects at once, and what it does then is swallowed", async () => {
  for (const how of ["resolve", "reject"] as const) {
    const caller = new CountedCaller();
    const handler = new Deferred<unknown>();
    let given: AbortSignal | undefined;
    const fallback = createFallback((_, signal) => {
      given = signal;
      return handler.operation(signal);
    });
    const unhandled = await unhandledDuring(async () => {
      const call = fallback.do(rejecting, caller);
      assert.equal(await look(call), "pending");
      assert.equal(given, caller.signal);
      caller.abort(REASON);
      assert.deepEqual(await look(call), { error: REASON });
      handler[how](SECOND);
    });
    assert.deepEqual(unhandled, []);
  }
});

Deno.test("the listener is gone as soon as the call settles", async () => {
  const operations = [rejecting, throwing, () => Promise.resolve("value")];
  for (const operation of operations) {
    const caller = new CountedCaller();
    const call = createFallback(() => "instead").do(operation, caller);
    assert.equal(caller.listeners, 1);
    await call;
    assert.equal(caller.listeners, 0);
  }
});

Deno.test("100,000 aborted calls leave no listener", async () => {
  const fallback = createFallback(() => "instead");
  const hung = (): Promise<never> => new Promise(() => {});
  let left = 0;
  for (let batch = 0; batch < 1_000; batch++) {
    const caller = new CountedCaller();
    for (let i = 0; i < 100; i++) fallback.do(hung, caller).catch(() => left++);
    caller.abort(REASON);
    await look(Promise.resolve());
    assert.equal(caller.listeners, 0);
  }
  assert.equal(left, 100_000);
});

Deno.test("a fallback that calls itself in its handler answers both calls", async () => {
  const fallback = createFallback((error): unknown =>
    error === BOOM ? fallback.do(() => Promise.reject(SECOND)) : "in the end"
  );
  assert.equal(await fallback.do(rejecting), "in the end");
});

Deno.test("a fallback answers what a breaker refuses", async () => {
  const breaker = createBreaker("b", { mode: "forced-open" });
  const fallback = createFallback(() => "instead", {
    handles: (error) => error instanceof BreakerOpenError,
  });
  assert.equal(await fallback.do(() => breaker.do(() => "value")), "instead");
});

const REFUSED: readonly (readonly [handler: unknown, options: unknown, message: RegExp])[] = [
  ["x", {}, /^TypeError: Cannot create fallback: "handler" must be a function, received "x"$/],
  [fail, { handles: 1, name: "f" }, /^TypeError: Cannot create fallback "f": "handles" must be/],
  [fail, { handle: fail }, /^TypeError: .*unknown option "handle"; did you mean "handles"\?/],
  [fail, { name: 7 }, /^TypeError: .*"name"/],
  [fail, null, /^TypeError: .*options must be an object/],
];

for (const [handler, options, message] of REFUSED) {
  Deno.test(`createFallback refuses ${typeof handler} with ${JSON.stringify(options)}`, () => {
    // @ts-expect-error -- a caller in JavaScript can do this
    assert.throws(() => createFallback(handler, options), message);
  });
}

Deno.test("a fallback adds nothing to what a call costs at worst", () => {
  const inner = { longestMs: 60_000, attempts: 3 };
  assert.deepEqual(createFallback(fail).describe(inner), {
    text: "answers failures with a fallback",
    ...inner,
  });
  const some = createFallback(fail, { handles: () => true });
  assert.equal(some.describe(inner).text, "answers the failures that it handles with a fallback");
});
