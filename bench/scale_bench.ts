/**
 * What grows and what must not: the cost of a call against the size of the
 * window and against the number of breakers, looking a breaker up, creating
 * one, and writing all of them down.
 */
import { type Breaker, createBreaker, type Policy } from "../mod.ts";
import { gather } from "./crowd.ts";
import { keep } from "./work.ts";

const WINDOW = "window size";
const BUCKETS = "window buckets";
const TURNS = "breakers in turn";
const LOOKUP = "lookup among 100,000";
const CREATION = "creation";
const SNAPSHOT = "snapshot";

const SIZES = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
const BUCKET_COUNTS = [1, 10, 100, 1_000, 3_600];
const CROWDS = Deno.env.has("BENCH_QUICK") ? [1, 1_000, 100_000] : [1, 1_000, 100_000, 1_000_000];
/** Neither a power of two nor near one: each step leaves the cache lines of the last. */
const STRIDE = 7_919;

const decimal = new Intl.NumberFormat("en");

/** One call in eight fails, so that what leaves the window must be taken off the totals. */
function call(breaker: Breaker, turn: number): void {
  const permit = breaker.tryAcquire();
  keep(turn);
  if ((turn & 7) === 0) permit?.failure();
  else permit?.success();
}

/** Makes twenty calls through each breaker. */
function use(breakers: Iterable<Breaker>): void {
  for (const breaker of breakers) {
    for (let i = 0; i < 20; i++) call(breaker, i);
  }
}

function callBench(group: string, size: number, policy: Policy, baseline: boolean): void {
  const breaker = createBreaker(`${size}`, { failureRateThreshold: 1, ...policy });
  for (let i = 0; i < size; i++) call(breaker, i);
  let turn = 0;
  Deno.bench(decimal.format(size), { group, baseline }, () => call(breaker, turn++));
}

Deno.bench("bare call", { group: WINDOW, baseline: true }, () => keep(1));
for (const size of SIZES) callBench(WINDOW, size, { window: { kind: "count", size } }, false);

Deno.bench("bare call", { group: BUCKETS, baseline: true }, () => keep(1));
for (const buckets of BUCKET_COUNTS) {
  callBench(BUCKETS, buckets, { window: { kind: "time", duration: "1h", buckets } }, false);
}

for (const size of CROWDS) {
  const objects = Array.from({ length: size }, () => ({ calls: 0 }));
  let i = 0;
  Deno.bench(`${decimal.format(size)} bare objects`, {
    group: TURNS,
    baseline: size === 1,
  }, () => {
    const object = objects[i];
    if (object !== undefined) object.calls++;
    i = (i + STRIDE) % size;
  });
}
for (const size of CROWDS) {
  const { provider } = await gather(size);
  await provider.close();
  const breakers = [...provider.breakers()];
  use(breakers); // what is created at the first call is measured under "creation"
  let i = 0;
  Deno.bench(`${decimal.format(size)} breakers`, { group: TURNS }, () => {
    breakers[i]?.tryAcquire()?.success();
    i = (i + STRIDE) % size;
  });
}

const { provider, names } = await gather(100_000);
await provider.close();
use(provider.breakers());
const map = new Map(names.map((name) => [name, { name }]));
let lookups = 0;

function nextName(): string {
  lookups = (lookups + STRIDE) % names.length;
  return names[lookups] ?? "";
}

Deno.bench("Map.get", { group: LOOKUP, baseline: true }, () => {
  keep(map.get(nextName()) === undefined ? 0 : 1);
});
Deno.bench("getBreaker", { group: LOOKUP }, () => {
  keep(provider.getBreaker(nextName()) === undefined ? 0 : 1);
});

const cramped = await gather(1_000);
await cramped.provider.close();
let created = 0;

function newName(): string {
  return `new-${created++}`;
}

const EVERYTHING: Policy = {
  failureRateThreshold: 0.5,
  slowCallThreshold: "1s",
  slowCallRateThreshold: 0.5,
  timeout: "2s",
  window: { kind: "time", duration: "10s", buckets: 10 },
  openBackoff: { multiplier: 2, maxTimeout: "10m", jitter: 0.1 },
  ramp: { calls: 10, per: "1m", growth: 2, steps: 4 },
};

Deno.bench("an object", { group: CREATION, baseline: true }, () => {
  keep({ name: newName() }.name.length);
});
Deno.bench("createBreaker and its first call", { group: CREATION }, () => {
  createBreaker(newName()).tryAcquire()?.success();
});
Deno.bench("createBreaker", { group: CREATION }, () => {
  keep(createBreaker(newName()).name.length);
});
Deno.bench("createBreaker, every field", { group: CREATION }, () => {
  keep(createBreaker(newName(), EVERYTHING).name.length);
});
Deno.bench("getBreaker of a new name, at maxBreakers", { group: CREATION }, () => {
  keep(cramped.provider.getBreaker(newName()).name.length);
});

const used = createBreaker("used", { failureRateThreshold: 1 });
for (let i = 0; i < 1_000; i++) call(used, i);
Deno.bench("JSON of its counts", { group: SNAPSHOT, baseline: true }, () => {
  keep(JSON.stringify(used.counts).length);
});
Deno.bench("JSON of its snapshot", { group: SNAPSHOT }, () => {
  keep(JSON.stringify(used.snapshot()).length);
});
Deno.bench("snapshots of 100,000 breakers", { group: SNAPSHOT }, () => {
  for (const breaker of provider.breakers()) keep(breaker.snapshot().name.length);
});
