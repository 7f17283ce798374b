import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { BreakerCore } from "../../src/breaker/core.ts";
import { BreakerHost } from "../../src/breaker/host/host.ts";
import { standalonePolicy } from "../../src/breaker/state/standalone_policy.ts";
import { Registry } from "../../src/provider/registry.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { type Deed, PlacesOracle } from "./places_oracle.ts";
import { holds } from "./settings.ts";

const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

const POLICY = standalonePolicy({
  failureThreshold: 2,
  openStateTimeout: "3s",
  successThreshold: 1,
  window: { kind: "time", duration: "4s", buckets: 4 },
});

const anyDeed = fc.constantFrom<Deed>(
  ...[
    "get",
    "get",
    "success",
    "success",
    "success",
    "failure",
    "failure",
    "ignored",
    "refused",
  ] as const,
  ...["begin", "settle", "override", "clear", "listen", "unlisten"] as const,
  ...["hold", "release", "reset", "trip", "pass"] as const,
);

const anyStep = fc.record({ name: fc.constantFrom(...NAMES), deed: anyDeed });

function registryOn(clock: ManualClock, maxBreakers: number): Registry {
  const host = new BreakerHost({ clock });
  const create = (name: string): BreakerCore => new BreakerCore(name, host, POLICY);
  return new Registry({ maxBreakers, host, create, log: new KeptLog() });
}

Deno.test("held are the breakers that the rule says, whatever is done to them", () => {
  const reached = new Set<string>();
  holds(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(anyStep, { minLength: 1, maxLength: 100, size: "max" }),
      (max, steps) => {
        const clock = new ManualClock();
        const registry = registryOn(clock, max);
        const oracle = new PlacesOracle(registry, clock, max);
        for (const [index, { name, deed }] of steps.entries()) {
          oracle.take(name, deed);
          const held = [...registry.all()].slice(0, registry.size).map((breaker) => breaker.name);
          assert.deepEqual(held.sort(), oracle.held, `step ${index}: ${deed} ${name}`);
        }
        const { evicted, evictedWithFailures, refusedNames } = registry.places;
        assert.deepEqual({ evicted, evictedWithFailures, refusedNames }, oracle.counted);
        for (const what of oracle.reached) reached.add(what);
      },
    ),
    { runs: 500 },
  );
  const wanted = ["evicted", "evicted with failures", "refused", "beyond", "retaken", "regained"];
  assert.deepEqual(wanted.filter((each) => !reached.has(each)), []);
});
