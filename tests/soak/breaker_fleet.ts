import {
  type Breaker,
  type BreakerCounts,
  type Policy,
  type Provider,
  systemClock,
} from "../../mod.ts";
import { BreakerSlot } from "./breaker_slot.ts";
import type { Chance } from "./chance.ts";
import { PROFILES } from "./policy_profiles.ts";
import { after } from "./real_timers.ts";
import type { SoakContext } from "./soak_context.ts";
import { TrackedBreaker } from "./tracked_breaker.ts";

/** Failures that open a breaker under any of the policies. */
const WARMING_FAILURES = 12;
const WARMED_AT_ONCE = 50;

/** All breakers of a soak by where they come from, and those that were replaced and still have calls in flight. */
export class BreakerFleet implements Disposable {
  readonly slots: BreakerSlot[] = [];
  readonly #context: SoakContext;
  readonly #provider: Provider;
  readonly #maxBreakers: number;
  readonly #provided = new Map<string, TrackedBreaker>();
  readonly #retired = new Set<TrackedBreaker>();
  readonly #unlisten: (() => void)[];
  #once = 0;

  /** Creates a fleet without breakers; the provider holds `maxBreakers` at most. */
  constructor(
    context: SoakContext,
    { provider, maxBreakers }: { readonly provider: Provider; readonly maxBreakers: number },
  ) {
    this.#maxBreakers = maxBreakers;
    this.#context = context;
    this.#provider = provider;
    const provided = this.#provided;
    const { tally } = context;
    this.#unlisten = [
      provider.on("stateChange", (event) => provided.get(event.breaker)?.changed(event)),
      provider.on("reject", (event) => provided.get(event.breaker)?.rejected(event)),
      provider.on("staleResult", (event) => provided.get(event.breaker)?.wentStale(event)),
      provider.on("wouldOpen", () => tally.add("event:wouldOpen")),
      provider.on("policyChange", () => tally.add("event:policyChange")),
    ];
  }

  /** Adds one of the provider's breakers; `isPartial`: its policy may disable it. */
  addProvided(name: string, { isPartial = false } = {}): TrackedBreaker {
    const breaker = this.#provider.getBreaker(name);
    const context = this.#context;
    const tracked = new TrackedBreaker(breaker, { context, hasFixedPolicy: false });
    tracked.isPartial = isPartial;
    this.#provided.set(name, tracked);
    return tracked;
  }

  /** Adds so many breakers that follow the provider's default, and as many without a provider. */
  addMany(count: number, chance: Chance): void {
    for (let i = 0; i < count; i++) {
      const tracked = this.addProvided(`service ${i}`);
      const policy: Policy = chance.pick(PROFILES);
      // With a clock of its own a breaker reads it exactly.
      const clock = chance.isHit(0.3) ? { clock: systemClock } : {};
      const settings = { ...clock, freshErrors: chance.isHit(0.2), policy };
      this.slots.push(
        BreakerSlot.provided(this.#context, tracked),
        BreakerSlot.standalone(this.#context, `standalone ${i}`, settings),
      );
    }
  }

  /** Brings every breaker through all that makes it hold something, so that what it holds later is no growth. */
  async warmUp(): Promise<void> {
    const fail = (): never => {
      throw new Error("Warming up");
    };
    const fallback = (): string => "instead";
    for (const [i, { tracked }] of this.slots.entries()) {
      tracked.doSync(() => "value");
      for (let j = 0; j < WARMING_FAILURES; j++) tracked.doSync(fail, { fallback });
      await tracked.do(() => "value").catch(() => {});
      tracked.breaker.reset();
      tracked.doSync(() => "value");
      if (i % WARMED_AT_ONCE === 0) await after(0);
    }
  }

  /** A breaker of a name that nobody has used before, to be forgotten. */
  once(): Breaker {
    this.#context.tally.add("breaker:forgotten");
    return this.#provider.getBreaker(`once ${++this.#once}`);
  }

  /** The provider must give the same breaker for a name, however often it was put aside. */
  checkIdentity(tracked: TrackedBreaker): void {
    const { name } = tracked.breaker;
    if (!this.#provided.has(name) || this.#provider.getBreaker(name) === tracked.breaker) return;
    this.#context.violations.add("the same breaker for the same name", `"${name}" is another`);
  }

  /** Replaces a breaker by one restored from its snapshot. */
  restore(slot: BreakerSlot): void {
    if (slot.isStandalone) this.#retired.add(slot.restore());
  }

  /** Every breaker that is tracked. */
  *all(): Generator<TrackedBreaker> {
    yield* this.#provided.values();
    for (const slot of this.slots) if (slot.isStandalone) yield slot.tracked;
    yield* this.#retired;
  }

  /** Looks at every breaker, and forgets those replaced ones that have no calls in flight. */
  *checks(): Generator<void> {
    const { heldBreakers } = this.#provider;
    const most = 2 * this.#maxBreakers; // where all that are held are in use
    if (heldBreakers > most) {
      const seen = `${heldBreakers} of ${most}`;
      this.#context.violations.add("a provider holds so many breakers at most", seen);
    }
    for (const tracked of this.all()) {
      tracked.check();
      this.checkIdentity(tracked);
      if (tracked.pending === 0) this.#retired.delete(tracked);
      yield;
    }
  }

  /** What all of them have counted together. */
  totals(): Pick<BreakerCounts, "calls" | "staleCalls"> & { readonly slow: number } {
    let [calls, staleCalls, slow] = [0, 0, 0];
    for (const { breaker } of this.all()) {
      const { lifetime } = breaker.counts;
      calls += lifetime.successes + lifetime.failures + lifetime.ignored;
      slow += lifetime.slow;
      staleCalls += lifetime.stale;
    }
    return { calls, staleCalls, slow };
  }

  /** Ends the listening. */
  [Symbol.dispose](): void {
    for (const unlisten of this.#unlisten) unlisten();
  }
}
