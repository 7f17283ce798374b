import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { type LinePlace, WaitingLine } from "../../src/patterns/waiting_line.ts";

class Person {
  constructor(readonly id: number) {}
}

function drain(line: WaitingLine<Person>): number[] {
  const left: number[] = [];
  for (let one = line.shift(); one !== undefined; one = line.shift()) left.push(one.id);
  return left;
}

const LEAVERS: readonly { who: string; leave: readonly number[]; rest: readonly number[] }[] = [
  { who: "nobody", leave: [], rest: [0, 1, 2, 3] },
  { who: "the first", leave: [0], rest: [1, 2, 3] },
  { who: "the last", leave: [3], rest: [0, 1, 2] },
  { who: "one in the middle", leave: [2], rest: [0, 1, 3] },
  { who: "neighbours", leave: [1, 2], rest: [0, 3] },
  { who: "everybody", leave: [3, 0, 2, 1], rest: [] },
];

for (const { who, leave, rest } of LEAVERS) {
  Deno.test(`a waiting line is first in, first out after ${who} left`, () => {
    const line = new WaitingLine<Person>();
    const places = [0, 1, 2, 3].map((id) => line.push(new Person(id)));
    for (const id of leave) assert.equal(line.remove(places[id] ?? assert.fail()), true);
    assert.equal(line.length, rest.length);
    assert.deepEqual(drain(line), rest);
  });
}

Deno.test("a waiting line: one who has left or was served cannot leave again", () => {
  const line = new WaitingLine<Person>();
  const left = line.push(new Person(0));
  const served = line.push(new Person(1));
  line.remove(left);
  line.shift();
  assert.deepEqual([line.remove(left), line.remove(served), line.length], [false, false, 0]);
});

Deno.test("a waiting line: a place of another line is not taken out of this one", () => {
  const [line, other] = [new WaitingLine<Person>(), new WaitingLine<Person>()];
  line.push(new Person(0));
  const place = other.push(new Person(1));
  assert.deepEqual([line.remove(place), line.length, other.length], [false, 1, 1]);
});

Deno.test("a waiting line: a place that was left keeps no other alive", () => {
  const line = new WaitingLine<Person>();
  const [, middle] = [0, 1, 2].map((id) => line.push(new Person(id)));
  assert(middle !== undefined);
  line.remove(middle);
  assert.deepEqual([middle.line, middle.previous, middle.next], [undefined, undefined, undefined]);
});

/** Counts how often a place's links are followed or changed. */
class CountedSteps {
  steps = 0;

  watch(place: LinePlace<Person>): void {
    this.#count(place, "previous");
    this.#count(place, "next");
  }

  #count(place: LinePlace<Person>, link: "previous" | "next"): void {
    let held = place[link];
    Object.defineProperty(place, link, {
      get: () => {
        this.steps++;
        return held;
      },
      set: (value: LinePlace<Person> | undefined) => {
        this.steps++;
        held = value;
      },
    });
  }
}

for (const length of [10, 10_000]) {
  Deno.test(`a waiting line: leaving one of ${length} takes at most 8 steps`, () => {
    const line = new WaitingLine<Person>();
    const places = Array.from({ length }, (_, id) => line.push(new Person(id)));
    const counted = new CountedSteps();
    for (const place of places) counted.watch(place);
    line.remove(places[length / 2] ?? assert.fail());
    assert(counted.steps > 0 && counted.steps <= 8, `${counted.steps} steps`);
  });
}

Deno.test("a waiting line behaves as an array does, whoever comes, leaves and is served", () => {
  const move = fc.oneof(
    fc.constant({ kind: "push" } as const),
    fc.constant({ kind: "shift" } as const),
    fc.record({ kind: fc.constant("remove" as const), which: fc.nat({ max: 30 }) }),
  );
  fc.assert(fc.property(fc.array(move, { maxLength: 60, size: "max" }), (moves) => {
    const line = new WaitingLine<Person>();
    const places: LinePlace<Person>[] = [];
    let naive: number[] = [];
    for (const one of moves) {
      if (one.kind === "push") {
        naive.push(places.length);
        places.push(line.push(new Person(places.length)));
      } else if (one.kind === "shift") {
        assert.equal(line.shift()?.id, naive.shift());
      } else {
        const place = places[one.which];
        if (place === undefined) continue;
        assert.equal(line.remove(place), naive.includes(one.which));
        naive = naive.filter((id) => id !== one.which);
      }
      assert.equal(line.length, naive.length);
    }
    assert.deepEqual(drain(line), naive);
  }));
});
