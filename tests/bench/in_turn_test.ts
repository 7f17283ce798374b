import assert from "node:assert/strict";
import { timeInTurn } from "../../bench/in_turn.ts";

Deno.test("ways are timed in turn, in the one order and then in the other", async () => {
  const order: string[] = [];
  const way = (name: string, calls: number): [string, () => number] => [name, () => {
    order.push(name);
    return calls;
  }];
  const ways = new Map([way("a", 1), way("b", 1_000)]);
  const times = await timeInTurn(ways, { count: 3, durationMs: 0 });
  const untimed = "ab" + "ba";
  assert.equal(order.join(""), untimed + "ab" + "ba" + "ab");
  assert.deepEqual([...times.keys()], ["a", "b"]);
});
