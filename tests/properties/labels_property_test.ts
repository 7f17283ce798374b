import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { Tally } from "../../integrations/telemetry/tally.ts";
import type { Breaker } from "../../mod.ts";
import { BreakerCore } from "../../src/breaker/core.ts";
import { BreakerHost } from "../../src/breaker/host/host.ts";
import { standalonePolicy } from "../../src/breaker/state/standalone_policy.ts";
import { Registry } from "../../src/provider/registry.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { holds } from "./settings.ts";

const POLICY = standalonePolicy({
  failureThreshold: 1,
  openStateTimeout: "2s",
  successThreshold: 1,
});

const anyStep = fc.record({
  name: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"),
  deed: fc.constantFrom("success", "success", "failure", "pass", "reset", "read", "read"),
});

/** A tally of breakers that the test holds, so that none is collected. */
class Subject {
  readonly clock = new ManualClock();
  readonly breakers = new Map<string, Breaker>();
  readonly registry: Registry;
  readonly tally: Tally;
  calls = 0;

  constructor(maxBreakers: number, maxNames: number) {
    const host = new BreakerHost({ clock: this.clock });
    const create = (name: string): BreakerCore => new BreakerCore(name, host, POLICY);
    const registry = new Registry({ maxBreakers, host, create, log: new KeptLog() });
    this.registry = registry;
    this.tally = new Tally({
      on: (type, listener) => host.on(type, listener),
      breakers: () => registry.all(),
      get heldBreakers() {
        return registry.size;
      },
    }, maxNames);
  }

  get held(): Breaker[] {
    return [...this.registry.all()].slice(0, this.registry.size);
  }

  take(name: string, deed: string): void {
    if (deed === "pass") this.clock.advance("1s");
    if (deed === "reset") this.breakers.get(name)?.reset();
    if (deed !== "success" && deed !== "failure") return;
    const breaker = this.registry.get(name);
    this.breakers.set(name, breaker);
    const permit = breaker.tryAcquire();
    if (permit !== undefined) this.calls++;
    if (deed === "success") permit?.success();
    else permit?.failure();
  }

  read(): Map<string | undefined, { state: string; calls: number }> {
    return new Map(
      this.tally.read().map(({ label, states, totals }) => {
        const state = states.open + states["half-open"] > 0 ? "out" : "closed";
        const { success, failure } = totals.outcomes;
        return [label, { state, calls: success + failure }];
      }),
    );
  }
}

Deno.test("labels go to what is not closed first, then to who is held, and back when they are gone", () => {
  const reached = new Set<string>();
  holds(
    fc.property(
      fc.integer({ min: 4, max: 6 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(anyStep, { maxLength: 120, size: "max" }),
      (maxBreakers, maxNames, steps) => {
        // Of eight names none is refused: twice as many breakers may be held.
        const subject = new Subject(maxBreakers, maxNames);
        let before = new Map<string | undefined, { state: string; calls: number }>();
        let told = 0;
        for (const { name, deed } of steps) {
          subject.take(name, deed);
          if (deed !== "read") continue;
          const now = subject.read();
          for (const { name, state } of subject.registry.all()) {
            if (state === "closed") continue;
            assert.equal(now.get(name)?.state, "out", `${name} is ${state}`);
            if (now.size > maxNames + 1) reached.add("beyond");
          }
          for (const [label, { calls }] of now) {
            const earlier = before.get(label)?.calls ?? 0;
            assert(calls >= earlier, `the calls of ${label} fall`);
            told += calls - earlier;
          }
          assert.equal(told, subject.calls);
          before = now;
          const again = subject.read();
          const open = subject.held.filter((breaker) => breaker.state !== "closed").length;
          const own = [...again.keys()].filter((label) => label !== undefined);
          assert(own.length <= Math.max(maxNames, open), `${own} of ${maxNames}`);
          if (subject.held.length <= maxNames) {
            const last = subject.read();
            for (const { name } of subject.held) assert(last.has(name), `${name} has no label`);
            if (subject.breakers.size > maxNames) reached.add("given back");
            before = last;
          } else before = again;
        }
      },
    ),
    { runs: 400 },
  );
  assert.deepEqual(["beyond", "given back"].filter((each) => !reached.has(each)), []);
});
