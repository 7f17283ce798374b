import assert from "node:assert/strict";
import { type Breaker, type Permit, TooManyBreakersError } from "../../mod.ts";
import type { Registry } from "../../src/provider/registry.ts";
import type { ManualClock } from "../../src/testing/mod.ts";

/** What is done with a name. */
export type Deed =
  | "get"
  | "success"
  | "failure"
  | "ignored"
  | "refused"
  | "begin"
  | "settle"
  | "override"
  | "clear"
  | "listen"
  | "unlisten"
  | "hold"
  | "release"
  | "reset"
  | "trip"
  | "pass";

/** What is known of a name whose breaker was made. The test holds every breaker, so that none is collected. */
interface Known {
  readonly breaker: Breaker;
  readonly permits: Permit[];
  readonly unlisten: (() => void)[];
  isOverridden: boolean;
  heldUntil: number;
  lastUse: number;
}

/** The rule about the places of a provider, slow and obvious: it does what it is told, and says who is held. */
export class PlacesOracle {
  readonly counted = { evicted: 0, evictedWithFailures: 0, refusedNames: 0 };
  /** What has come about. */
  readonly reached = new Set<string>();
  readonly #registry: Registry;
  readonly #clock: ManualClock;
  readonly #max: number;
  readonly #known = new Map<string, Known>();
  /** In the order in which they took their places. */
  readonly #held = new Set<string>();
  #uses = 0;

  /** Begins with a registry that has no breakers. */
  constructor(registry: Registry, clock: ManualClock, max: number) {
    this.#registry = registry;
    this.#clock = clock;
    this.#max = max;
  }

  /** The names of the breakers that the registry should hold. */
  get held(): string[] {
    return [...this.#held].sort();
  }

  /** Does something with a name, on the registry and in here. */
  take(name: string, deed: Deed): void {
    if (deed === "pass") {
      this.#clock.advance("1s");
      return;
    }
    // A name that is known is used by the breaker that its caller holds, which may have lost its place.
    const known = this.#known.get(name);
    if (known === undefined || deed === "get") this.#get(name);
    const one = this.#known.get(name);
    if (one === undefined) return; // it was refused
    this.#do(one, deed);
    if (!this.#held.has(name) && this.#isKept(one)) {
      this.#held.add(name);
      this.reached.add("retaken");
    }
  }

  #get(name: string): void {
    const known = this.#known.get(name);
    if (!this.#held.has(name)) this.#makePlace();
    if (known === undefined && this.#held.size >= 2 * this.#max) {
      assert.throws(() => this.#registry.get(name), TooManyBreakersError);
      this.counted.refusedNames++;
      this.reached.add("refused");
      return;
    }
    const breaker = this.#registry.get(name);
    if (known !== undefined) assert.equal(breaker, known.breaker);
    if (!this.#held.has(name) && this.#held.size < 2 * this.#max) {
      this.#held.add(name);
      if (known !== undefined) this.reached.add("regained");
    }
    if (this.#held.size > this.#max) this.reached.add("beyond");
    if (known !== undefined) return;
    const fresh = { isOverridden: false, heldUntil: -Infinity, lastUse: 0 };
    this.#known.set(name, { breaker, permits: [], unlisten: [], ...fresh });
  }

  #do(one: Known, deed: Deed): void {
    const { breaker, permits, unlisten } = one;
    if (deed === "success" || deed === "failure" || deed === "ignored" || deed === "begin") {
      one.lastUse = ++this.#uses;
      const permit = breaker.tryAcquire();
      if (deed === "success") permit?.success();
      else if (deed === "failure") permit?.failure();
      else if (deed === "ignored") permit?.ignore();
      else if (permit !== undefined) permits.push(permit);
    } else if (deed === "refused") {
      one.lastUse = ++this.#uses;
      breaker.hold("1s", { owner: "refusal" });
      this.#held.add(breaker.name); // so long it was never held weakly
      const permit = breaker.tryAcquire();
      assert.equal(permit === undefined, !one.isOverridden);
      permit?.ignore();
      breaker.release({ owner: "refusal" });
    } else if (deed === "settle") {
      permits.pop()?.failure();
    } else if (deed === "override") {
      breaker.override("disabled");
      one.isOverridden = true;
    } else if (deed === "clear") {
      breaker.override(null);
      one.isOverridden = false;
    } else if (deed === "listen") {
      unlisten.push(breaker.on("reject", () => {}));
    } else if (deed === "unlisten") {
      unlisten.pop()?.();
    } else if (deed === "hold") {
      breaker.hold("2s");
      one.heldUntil = this.#clock.now() + 2_000;
    } else if (deed === "release") {
      breaker.release();
      one.heldUntil = -Infinity;
    } else if (deed === "reset") {
      breaker.reset();
      one.heldUntil = -Infinity;
    } else if (deed === "trip") {
      breaker.tripNow();
    }
  }

  /** Whether a breaker is never held weakly. */
  #isKept({ breaker, unlisten, isOverridden, heldUntil }: Known): boolean {
    return breaker.state !== "closed" || isOverridden || unlisten.length > 0 ||
      heldUntil > this.#clock.now();
  }

  #makePlace(): void {
    while (this.#held.size >= this.#max) {
      const [first] = [...this.#held].flatMap((name) => {
        const one = this.#known.get(name);
        if (one === undefined || this.#isKept(one) || one.permits.length > 0) return [];
        const { failures, consecutiveFailures } = one.breaker.counts;
        return [{ name, failing: Number(failures + consecutiveFailures > 0), use: one.lastUse }];
      }).sort((one, other) => one.failing - other.failing || one.use - other.use);
      if (first === undefined) return;
      this.#held.delete(first.name);
      if (first.failing === 1) this.counted.evictedWithFailures++;
      else this.counted.evicted++;
      this.reached.add(first.failing === 1 ? "evicted with failures" : "evicted");
    }
  }
}
