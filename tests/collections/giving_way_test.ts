import assert from "node:assert/strict";
import { AT_STAKE, GivingWay, KEPT } from "../../src/collections/giving_way.ts";
import { HeldByName } from "../../src/collections/held_by_name.ts";
import { seededRandom } from "../support/seeded_random.ts";

interface Thing {
  readonly name: string;
  worth: number;
}

function things(count: number): Thing[] {
  return Array.from({ length: count }, (_, i) => ({ name: `${i}`, worth: 0 }));
}

Deno.test("the one that is worth the least gives way, however the others have gained since", () => {
  const random = seededRandom(7);
  const order = new GivingWay<Thing>(({ worth }) => worth);
  const left = things(200);
  for (const thing of left) order.add(thing);
  let uses = 0;
  while (left.length > 0) {
    for (let i = 0; i < 20; i++) {
      const used = left[Math.floor(random() * left.length)];
      if (used !== undefined) used.worth = ++uses;
    }
    left.sort((one, other) => one.worth - other.worth || Number(one.name) - Number(other.name));
    const given = order.next()?.value;
    assert.equal(given, left.shift());
    if (given !== undefined) order.delete(given);
  }
  assert.equal(order.next(), undefined);
});

Deno.test("one at stake that comes to be worth less is found within one question for each eight of them", () => {
  const order = new GivingWay<Thing>(({ worth }) => worth);
  const kept = things(80);
  for (const thing of kept) {
    thing.worth = KEPT;
    order.add(thing);
  }
  assert.equal(order.next(), undefined);
  for (const [i, thing] of kept.entries()) {
    thing.worth = AT_STAKE + i;
    let questions = 1;
    while (order.next() === undefined) questions++;
    assert(questions <= 10, `${questions} questions`);
    assert.equal(order.next()?.value, thing);
    thing.worth = KEPT;
  }
});

const WORTHS: Record<string, (use: number) => number> = {
  "that nobody uses": () => 0,
  "that are each used once": (use) => use,
  "that have failures": (use) => AT_STAKE + use,
  "of which none gives way": () => KEPT,
};

for (const [what, worthAfter] of Object.entries(WORTHS)) {
  Deno.test(`20,000 new names ${what}, with room for 10,000, look at few others each`, () => {
    let looks = 0;
    let uses = 0;
    const held = new HeldByName<Thing>({
      maxHeld: 10_000,
      create: (name) => ({ name, worth: 0 }),
      worth: ({ worth }) => {
        looks++;
        return worth;
      },
    });
    for (let i = 0; i < 30_000; i++) held.get(`${i}`).worth = worthAfter(++uses);
    // Each of those held at first once, and for each new name eight, itself and the one that goes.
    assert(looks <= 10_000 + 20_000 * 10, `${looks} looks`);
    assert.equal(held.size, worthAfter(1) === KEPT ? 30_000 : 10_000);
  });
}
