import assert from "node:assert/strict";
import { planCall } from "./call_plan.ts";
import { Chance } from "./chance.ts";

Deno.test("chance: the same seed plans the same calls, another seed others", () => {
  const plans = (seed: number) => {
    const chance = new Chance(seed);
    return Array.from({ length: 200 }, (_, i) => planCall(chance, i % 2 === 0));
  };
  assert.deepEqual(plans(7), plans(7));
  assert.notDeepEqual(plans(7), plans(8));
});

Deno.test("chance: a plan takes the same number of draws, whatever it comes to", () => {
  const [a, b] = [new Chance(7), new Chance(7)];
  for (let i = 0; i < 100; i++) {
    planCall(a, true);
    planCall(b, false);
    assert.equal(a.fork().next(), b.fork().next());
  }
});

Deno.test("chance: draws are spread over [0, 1)", () => {
  const chance = new Chance(1);
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const tenth = Math.floor(chance.next() * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  assert(tenths.every((count) => count > 900 && count < 1_100), String(tenths));
});

Deno.test("chance: a weight of 0 is never drawn", () => {
  const chance = new Chance(3);
  for (let i = 0; i < 1_000; i++) {
    assert.equal(chance.weighted([["never", 0], ["always", 1], ["not either", 0]]), "always");
  }
});

Deno.test("chance: who forks is not changed by what the fork draws", () => {
  const [a, b] = [new Chance(5), new Chance(5)];
  const fork = a.fork();
  b.fork();
  for (let i = 0; i < 10; i++) fork.next();
  assert.equal(a.next(), b.next());
});
