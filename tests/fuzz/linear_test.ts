import assert from "node:assert/strict";
import { decodeEnvName, encodeEnvName } from "../../backends/env/env_names.ts";
import { breakerOfFile, policyFileName } from "../../backends/file/file_names.ts";
import { parseCollectionText, parsePolicyText } from "../../src/policy/parse_policy.ts";
import { hideSecrets } from "../../src/check/hide_secrets.ts";
import { countWork } from "./work_counter.ts";

/** Inputs that grow with `size`, each of a shape that something quadratic would stumble over. */
const GROWING: Readonly<Record<string, (size: number) => () => void>> = {
  "unknown fields": (size) => policy(`{${list(size, (i) => `"unknown${i}":1`)}}`),
  "one field again and again": (size) => policy(`{${list(size, () => '"timeout":1')}}`),
  "lines": (size) => policy(`${"\n".repeat(size)}{}`),
  "a long name": (size) => policy(`{"${"x".repeat(size)}":1}`),
  "a long name of escapes": (size) => policy(`{"${"\\u0041".repeat(size)}":1}`),
  "a long text": (size) => policy(`{"mode":"${"x".repeat(size)}"}`),
  "a long number": (size) => policy(`{"minimumCalls":${"9".repeat(size)}}`),
  "a long duration": (size) => policy(`{"timeout":"${"1s".repeat(size)}"}`),
  "a list": (size) => policy(`[${list(size, () => "1")}]`),
  "levels": (size) => policy("[".repeat(size)),
  "policies": (size) => collection(`{${list(size, (i) => `"b${i}":{"timeout":1}`)}}`),
  "policies with faults": (size) => collection(`{${list(size, (i) => `"b${i}":{"x":1}`)}}`),
  "one breaker again and again": (size) => collection(`{${list(size, () => '"b":{}')}}`),
  "a file name": (size) => () => breakerOfFile(policyFileName("用%".repeat(size))),
  "a file name of halves": (size) => () => breakerOfFile(`${"%ED%A0".repeat(size)}.json`),
  "a variable": (size) => () => decodeEnvName(encodeEnvName("用_".repeat(size))),
  "a variable of stray bytes": (size) => () => decodeEnvName("_80".repeat(size)),
  "secrets": (size) => () => hideSecrets('password="a://b:c@ '.repeat(size)),
};

function policy(text: string): () => void {
  return () => parsePolicyText(text);
}

function collection(text: string): () => void {
  return () => parseCollectionText(text);
}

function list(count: number, item: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => item(i)).join(",");
}

const SIZE = 2_000;

for (const [what, make] of Object.entries(GROWING)) {
  Deno.test(`twice the input is at most twice the work: ${what}`, () => {
    const small = countWork(make(SIZE));
    const large = countWork(make(2 * SIZE));
    // A little more for what does not grow at all, such as the table of fields.
    const limit = (before: number): number => 2.1 * before + 1_000;
    assert(large.calls <= limit(small.calls), `${small.calls} calls, then ${large.calls}`);
    assert(
      large.characters <= limit(small.characters),
      `${small.characters} characters, then ${large.characters}`,
    );
  });
}

Deno.test("the count of work tells twice from four times as much", () => {
  const quadratic = (size: number) => () => {
    const text = "x".repeat(size);
    for (let i = 0; i < size; i++) text.slice(i);
  };
  const small = countWork(quadratic(SIZE));
  assert(countWork(quadratic(2 * SIZE)).characters > 3.9 * small.characters);
});
