/** Who keeps the breakers of a host is told of each that must not be lost from now on. */
import assert from "node:assert/strict";
import { Breaker } from "../../src/breaker/breaker.ts";
import { BreakerCore } from "../../src/breaker/core.ts";
import { BreakerHost } from "../../src/breaker/host/host.ts";
import { standalonePolicy } from "../../src/breaker/state/standalone_policy.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { fail, succeed } from "../support/breaker_bench.ts";

interface Kept {
  readonly breaker: Breaker;
  readonly clock: ManualClock;
  /** The breakers that the keeper was told of, in the states that they had then. */
  readonly told: string[];
}

function make(): Kept {
  const clock = new ManualClock();
  const told: string[] = [];
  const host = new BreakerHost({ clock });
  const policy = { failureThreshold: 1, openStateTimeout: 1_000, successThreshold: 1 };
  const core = new BreakerCore("b", host, standalonePolicy(policy));
  host.keeper = (breaker) => {
    assert.equal(breaker, core);
    told.push(core.state.kind);
  };
  return { breaker: new Breaker(core), clock, told };
}

const TELLING: Record<string, readonly [(kept: Kept) => void, readonly string[]]> = {
  "a trip": [({ breaker }) => fail(breaker), ["open"]],
  "a trip by hand": [({ breaker }) => breaker.tripNow(), ["open"]],
  "each step from a trip to a closing, but not the closing": [({ breaker, clock }) => {
    fail(breaker);
    clock.advance("1s");
    fail(breaker);
    clock.advance("1s");
    succeed(breaker);
  }, ["open", "half-open", "open", "half-open"]],
  "an override": [({ breaker }) => breaker.override("disabled"), ["closed"]],
  "an override with the mode that is in force": [
    ({ breaker }) => breaker.override("normal"),
    ["closed"],
  ],
  "a hold": [({ breaker }) => breaker.hold("1s"), ["closed"]],
  "a listener": [({ breaker }) => void breaker.on("reject", () => {}), ["closed"]],
  "no call, look, release or reset, and no end of an override": [({ breaker }) => {
    succeed(breaker);
    breaker.tryAcquire();
    breaker.peek();
    breaker.release();
    breaker.reset();
    breaker.override(null);
  }, []],
};

for (const [what, [act, states]] of Object.entries(TELLING)) {
  Deno.test(`a keeper is told of ${what}`, () => {
    const kept = make();
    act(kept);
    assert.deepEqual(kept.told, states);
  });
}
