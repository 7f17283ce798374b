import { createBreaker, type Policy } from "../mod.ts";

const bare = (): Promise<number> => Promise.resolve(1);
const wrapper = async (f: () => Promise<number>): Promise<number> => await f();

const POLICIES: Record<string, Policy> = {
  "count window": {},
  "time window": { window: { kind: "time" } },
  "slow-call detection": { slowCallThreshold: "1s", slowCallRateThreshold: 0.5 },
  "every criterion": {
    failureRateThreshold: 0.5,
    slowCallThreshold: "1s",
    slowCallRateThreshold: 0.5,
    timeoutRateThreshold: 0.5,
  },
};

let sink = 0;

Deno.bench("bare call", { group: "do, closed", baseline: true }, async () => {
  sink += await bare();
});

Deno.bench("bare async wrapper", { group: "do, closed" }, async () => {
  sink += await wrapper(bare);
});

for (const [name, policy] of Object.entries(POLICIES)) {
  const breaker = createBreaker(name, policy);
  Deno.bench(`do, ${name}`, { group: "do, closed" }, async () => {
    sink += await breaker.do(bare);
  });
}

const bareSync = (): number => 1;

Deno.bench("bare call", { group: "sync, closed", baseline: true }, () => {
  sink += bareSync();
});

for (const [name, policy] of Object.entries(POLICIES)) {
  const breaker = createBreaker(name, policy);
  Deno.bench(`doSync, ${name}`, { group: "sync, closed" }, () => {
    sink += breaker.doSync(bareSync);
  });
  Deno.bench(`permit, ${name}`, { group: "sync, closed" }, () => {
    const permit = breaker.tryAcquire();
    sink += bareSync();
    permit?.success();
  });
}

const open = createBreaker("open", { mode: "forced-open" });
const fallback = (): number => 1;

Deno.bench("bare call", { group: "refused", baseline: true }, async () => {
  sink += await bare();
});

Deno.bench("do that throws", { group: "refused" }, async () => {
  try {
    sink += await open.do(bare);
  } catch {
    sink++;
  }
});

Deno.bench("do with fallback", { group: "refused" }, async () => {
  sink += await open.do(bare, { fallback });
});

Deno.bench("permit", { group: "refused" }, () => {
  if (open.tryAcquire() === undefined) sink++;
});

globalThis.addEventListener("unload", () => {
  if (sink === 0) throw new Error("nothing was measured");
});
