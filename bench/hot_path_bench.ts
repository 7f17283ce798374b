/**
 * The breaker's own paths, each beside the bare call.
 *
 * Every bench body makes one call; what `deno bench` itself adds to it is in the
 * baseline too, so overheads are differences within a group. See `work.ts` for
 * why they do not depend on what V8 inlines.
 */
import { MeterProvider } from "npm:@opentelemetry/sdk-metrics@2.2.0";
import { memoryBackend } from "../backends/memory.ts";
import { createTelemetry } from "../integrations/otel/mod.ts";
import {
  type BreakerSettings,
  type CallOptions,
  createBreaker,
  createProvider,
  getDefaultConfig,
  type Policy,
  type StandaloneBreaker,
  type SyncCallOptions,
  systemClock,
} from "../mod.ts";
import { BUILT_IN } from "../src/time/burst_timeline.ts";
import { flightGroup, FLIGHTS, fly } from "./flight.ts";
import {
  type AsyncWork,
  FAILURE,
  keep,
  LATE,
  nextLateWork,
  nextSyncWork,
  nextWork,
} from "./work.ts";

const FLOOR = "floor";
const DO = "do, closed";
const DO_WITH_OPTIONS = "do, closed, with options";
const SYNC = "sync, closed";
const REFUSED_SYNC = "refused, sync";
const REFUSED_DO = "refused, do";

const SLOW: Policy = { slowCallThreshold: "1s", slowCallRateThreshold: 0.5 };
const ALL: Policy = { ...SLOW, failureRateThreshold: 0.5, timeoutRateThreshold: 0.5 };
const TIME: Policy = { window: { kind: "time", duration: "10s", buckets: 10 } };

const POLICIES: Record<string, Policy> = {
  "consecutive": {},
  "count window": { failureRateThreshold: 0.5 },
  "time window": { ...TIME, failureRateThreshold: 0.5 },
  "consecutive, slow calls": SLOW,
  "count window, slow calls": { ...SLOW, failureRateThreshold: 0.5 },
  "time window, slow calls": { ...SLOW, ...TIME, failureRateThreshold: 0.5 },
  "count window, every criterion": ALL,
  "time window, every criterion": { ...ALL, ...TIME },
};

const FALLBACK: CallOptions<number> & SyncCallOptions<number> = { fallback: () => 0 };

type Guard = (operation: AsyncWork) => Promise<number>;

const passOn = (value: number): number => value;
const rethrow = (error: unknown): never => {
  throw error;
};

function asyncBench(
  group: string,
  name: string,
  call: () => Promise<number>,
  baseline: boolean = false,
): void {
  Deno.bench(name, { group, baseline }, async () => {
    try {
      keep(await call());
    } catch {
      keep(1);
    }
  });
}

/** A breaker that a failure has opened for a day. */
function opened(name: string, settings: BreakerSettings = {}): StandaloneBreaker {
  const breaker = createBreaker(name, { failureThreshold: 1, openStateTimeout: "24h" }, settings);
  breaker.tryAcquire()?.failure();
  if (breaker.state !== "open") throw new Error(`Breaker "${name}" is ${breaker.state}`);
  return breaker;
}

Deno.bench("empty function", { group: FLOOR, baseline: true }, () => {});
Deno.bench("bare call", { group: FLOOR }, () => keep(nextSyncWork()()));
Deno.bench("clock reading", { group: FLOOR }, () => keep(performance.now() & 1));
Deno.bench("shared clock reading", { group: FLOOR }, () => keep(BUILT_IN.read().at & 1));

const guards: Record<string, Guard> = {
  "bare call": (operation) => operation(),
  "bare async wrapper": async (operation) => await operation(),
  "bare then, shared handlers": (operation) => operation().then(passOn, rethrow),
};
for (const [name, policy] of Object.entries(POLICIES)) {
  const breaker = createBreaker(name, policy);
  guards[`do, ${name}`] = (operation) => breaker.do(operation);
}
const wrapped = createBreaker("wrapped").wrap((operation: AsyncWork) => operation());
guards["wrap, consecutive"] = (operation) => wrapped(operation);

// Breakers that are called in turn share no handlers.
const twins = [createBreaker("one"), createBreaker("other")];
let turn = 0;
guards["do, consecutive, two breakers in turn"] = (operation) =>
  twins[turn++ & 1]?.do(operation) ?? operation();

for (const [name, guard] of Object.entries(guards)) {
  asyncBench(DO, name, () => guard(nextWork()), name === "bare call");
}
for (const [name, guard] of Object.entries(guards)) {
  asyncBench(`${DO}${LATE}`, name, () => guard(nextLateWork()), name === "bare call");
}
for (const calls of FLIGHTS) {
  for (const [name, guard] of Object.entries(guards)) {
    Deno.bench(
      name,
      { group: flightGroup(DO, calls), baseline: name === "bare call" },
      async () => {
        await fly(guard, calls);
      },
    );
  }
}

asyncBench(DO_WITH_OPTIONS, "bare call", () => nextWork()(), true);
const exact = createBreaker("exact", SLOW, { clock: systemClock });
asyncBench(DO_WITH_OPTIONS, "exact clock, slow calls", () => exact.do(nextWork()));
const classified = createBreaker("classified", {}, {
  isIgnored: (error) => error === undefined,
  isFailure: (error) => error !== undefined,
  isResultFailure: (value: number) => value < 0,
});
asyncBench(DO_WITH_OPTIONS, "classification", () => classified.do(nextWork()));
const heard = createBreaker("heard");
heard.on("stateChange", () => keep(1));
heard.on("reject", () => keep(1));
asyncBench(DO_WITH_OPTIONS, "event listeners", () => heard.do(nextWork()));
const limited = createBreaker("limited", { timeout: "10s" });
asyncBench(DO_WITH_OPTIONS, "timeout", () => limited.do(nextWork()));

const provider = await createProvider(getDefaultConfig("bench", "production"), {
  backend: memoryBackend(),
});
createTelemetry(provider, { meterProvider: new MeterProvider() });
const watched = provider.getBreaker("watched");
asyncBench(DO_WITH_OPTIONS, "OpenTelemetry attached", () => watched.do(nextWork()));

const { signal } = new AbortController();
const CALL_OPTIONS: Record<string, CallOptions<number>> = {
  "caller's signal": { signal },
  "fallback": FALLBACK,
  "timeout, signal and fallback": { ...FALLBACK, signal, timeout: "10s" },
};
for (const [name, options] of Object.entries(CALL_OPTIONS)) {
  const breaker = createBreaker(name);
  asyncBench(DO_WITH_OPTIONS, name, () => breaker.do(nextWork(), options));
}

Deno.bench("bare call", { group: SYNC, baseline: true }, () => keep(nextSyncWork()()));
for (const [name, policy] of Object.entries(POLICIES)) {
  const breaker = createBreaker(name, policy);
  Deno.bench(`doSync, ${name}`, { group: SYNC }, () => keep(breaker.doSync(nextSyncWork())));
  Deno.bench(`permit, ${name}`, { group: SYNC }, () => {
    const permit = breaker.tryAcquire();
    keep(nextSyncWork()());
    permit?.success();
  });
}

const open = opened("open");
Deno.bench("empty function", { group: REFUSED_SYNC, baseline: true }, () => {});
Deno.bench("permit", { group: REFUSED_SYNC }, () => {
  if (open.tryAcquire() === undefined) keep(1);
});
const openAndHeard = opened("open and heard");
openAndHeard.on("reject", () => keep(1));
Deno.bench("permit, with a listener", { group: REFUSED_SYNC }, () => {
  if (openAndHeard.tryAcquire() === undefined) keep(1);
});
Deno.bench("doSync with fallback", { group: REFUSED_SYNC }, () => {
  keep(open.doSync(nextSyncWork(), FALLBACK));
});
Deno.bench("bare throw, caught", { group: REFUSED_SYNC }, () => {
  try {
    rethrow(FAILURE);
  } catch {
    keep(1);
  }
});
Deno.bench("doSync that throws", { group: REFUSED_SYNC }, () => {
  try {
    keep(open.doSync(nextSyncWork()));
  } catch {
    keep(1);
  }
});

const openAndFresh = opened("open and fresh", { freshErrors: true });
asyncBench(REFUSED_DO, "bare call", () => nextWork()(), true);
asyncBench(REFUSED_DO, "bare rejection", () => Promise.reject(FAILURE));
asyncBench(REFUSED_DO, "bare rejection, new Error", () => Promise.reject(new Error("refused")));
asyncBench(REFUSED_DO, "do with fallback", () => open.do(nextWork(), FALLBACK));
asyncBench(REFUSED_DO, "do that throws", () => open.do(nextWork()));
asyncBench(REFUSED_DO, "do that throws, fresh errors", () => openAndFresh.do(nextWork()));
