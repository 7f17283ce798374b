import assert from "node:assert/strict";
import { rangeOf } from "../../etcd/key_range.ts";

const RANGES: readonly (readonly [prefix: string, key: number[], end: number[]])[] = [
  ["", [0], [0]],
  ["ab", [0x61, 0x62], [0x61, 0x63]],
  ["a\x7f", [0x61, 0x7f], [0x61, 0x80]],
];

for (const [prefix, key, end] of RANGES) {
  Deno.test(`etcd: the keys under ${JSON.stringify(prefix)} end before the next prefix`, () => {
    const range = rangeOf(new TextEncoder().encode(prefix));
    assert.deepEqual([[...range.key], [...range.end]], [key, end]);
  });
}
