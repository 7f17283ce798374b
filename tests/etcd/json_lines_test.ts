import assert from "node:assert/strict";
import { LineSplitter } from "../../etcd/json_lines.ts";

Deno.test("etcd: lines are whole however the bytes arrive", () => {
  const text = `{"a":"用户⚡️"}\n\n{"b":2}\r\n{"c":"${"x".repeat(50)}"}\n{"cut`;
  const bytes = new TextEncoder().encode(text);
  for (let size = 1; size <= bytes.length; size++) {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (let start = 0; start < bytes.length; start += size) {
      splitter.push(bytes.subarray(start, start + size));
    }
    assert.deepEqual(lines, [`{"a":"用户⚡️"}`, `{"b":2}`, `{"c":"${"x".repeat(50)}"}`]);
    assert.equal(splitter.isMidLine, true);
  }
});
