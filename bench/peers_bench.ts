/**
 * The same work through Switchgear and through its peers, in one process: calls
 * that succeed, one at a time and many in flight together, calls of which every second one fails, and calls that an open
 * breaker refuses. See `peers.ts` for how each is set up, and `work.ts` for what
 * the calls do.
 *
 * Later benches run on a heap that earlier ones have filled; so that no
 * contender always comes last, `BENCH_ROUND` turns the order.
 */
import { flightGroup, FLIGHTS, fly } from "./flight.ts";
import { type Contender, CONTENDERS, type Scene, SHARED_REFUSAL } from "./peers.ts";
import {
  type AsyncWork,
  FAILURE,
  type Guard,
  keep,
  LATE,
  nextHalfFailingWork,
  nextLateWork,
  nextWork,
} from "./work.ts";

const ROUND = Number(Deno.env.get("BENCH_ROUND") ?? 0);
/** Prime to the number of contenders, so that every round begins with another one. */
const STRIDE = 5;

const BARE: Contender = { name: "bare call", create: () => (operation) => operation() };
const wrapper = async (operation: AsyncWork): Promise<number> => await operation();
const passOn = (value: number): number => value;
const rethrow = (error: unknown): never => {
  throw error;
};
const THEN: Contender = {
  name: "bare then, shared handlers",
  create: () => (operation) => operation().then(passOn, rethrow),
};
const WRAPPER: Contender = { name: "bare async wrapper", create: () => wrapper };

const NEXT: Record<Scene, () => AsyncWork> = {
  success: nextWork,
  failure: nextHalfFailingWork,
  open: nextWork,
};
const GROUPS: Record<Scene, string> = {
  success: "closed, success",
  failure: "closed, every second call fails",
  open: "open, refused",
};

/** Trips a breaker and makes sure that it refuses. */
async function trip(guard: Guard): Promise<void> {
  let ran = 0;
  const failing = (): Promise<number> => {
    ran++;
    return Promise.reject(FAILURE);
  };
  for (let i = 0; i < 100_000; i++) {
    const before = ran;
    await guard(failing).catch(() => {});
    if (ran === before) return;
  }
  throw new Error("Cannot trip the breaker");
}

async function register(contender: Contender, scene: Scene): Promise<void> {
  const guard = await contender.create(scene);
  const baseline = contender === BARE;
  if (scene === "open" && !baseline) await trip(guard);
  const next = NEXT[scene];
  Deno.bench(contender.name, { group: GROUPS[scene], baseline }, async () => {
    try {
      keep(await guard(next()));
    } catch {
      keep(1);
    }
  });
}

/** Those whose overhead is of the order of ours; the others would take minutes. */
const LIGHT = /^(bare|switchgear|alfred|cockatiel|opossum, no timeout)(?!.*, timeout)/;

async function registerLate(contender: Contender): Promise<void> {
  const guard = await contender.create("success");
  const group = `${GROUPS.success}${LATE}`;
  Deno.bench(contender.name, { group, baseline: contender === BARE }, async () => {
    keep(await guard(nextLateWork()));
  });
}

async function registerFlight(contender: Contender, calls: number): Promise<void> {
  const guard = await contender.create("success");
  const group = flightGroup(GROUPS.success, calls);
  Deno.bench(contender.name, { group, baseline: contender === BARE }, async () => {
    await fly(guard, { calls });
  });
}

const from = ROUND * STRIDE % CONTENDERS.length;
const turned = [...CONTENDERS.slice(from), ...CONTENDERS.slice(0, from)];

for (const scene of ["success", "failure"] satisfies Scene[]) {
  for (const contender of [BARE, WRAPPER, THEN, ...turned]) await register(contender, scene);
}
for (const contender of [BARE, SHARED_REFUSAL, ...turned]) {
  if (contender.name !== "effect, no breaker") await register(contender, "open");
}
for (const contender of [BARE, WRAPPER, THEN, ...turned]) {
  if (LIGHT.test(contender.name)) await registerLate(contender);
}
for (const calls of FLIGHTS) {
  for (const contender of [BARE, WRAPPER, THEN, ...turned]) {
    if (LIGHT.test(contender.name)) await registerFlight(contender, calls);
  }
}
