import assert from "node:assert/strict";
import { serverTests, type ServerTestsOptions } from "./server_tests.ts";

const NOBODY_HAS = { package: "no-such-server", binary: "no-such-server" };

interface Outcome {
  readonly tests: Deno.TestDefinition[];
  readonly said: string[];
}

async function register(
  request: typeof NOBODY_HAS,
  options: ServerTestsOptions,
): Promise<Outcome> {
  const outcome: Outcome = { tests: [], said: [] };
  const test = await serverTests(request, {
    toolPath: "/nowhere",
    register: (definition) => outcome.tests.push(definition),
    report: (line) => outcome.said.push(line),
    ...options,
  });
  test("it serves", () => {});
  return outcome;
}

Deno.test("server tests: with the server, they are plain tests", async () => {
  const { tests, said } = await register({ package: "coreutils", binary: "ls" }, {});
  assert.deepEqual(tests.map(({ name, ignore }) => [name, ignore]), [["it serves", undefined]]);
  assert.deepEqual(said, []);
});

Deno.test("server tests: without the server, each is left out by name and reason", async () => {
  const { tests, said } = await register(NOBODY_HAS, { mustRun: false });
  assert.deepEqual(tests.map(({ name, ignore }) => [name, ignore]), [["it serves", true]]);
  assert.equal(said.length, 1);
  assert.match(
    said.join(),
    /^left out: it serves: no-such-server is not installed, and there is no/,
  );
});

Deno.test("server tests: without the server in CI, each fails with the reason", async () => {
  const { tests, said } = await register(NOBODY_HAS, { mustRun: true });
  assert.deepEqual(said, []);
  const [test] = tests;
  assert(test !== undefined && test.ignore === undefined);
  await assert.rejects(async () => {
    // The body takes no context.
    await Reflect.apply(test.fn, undefined, []);
  }, /no-such-server is not installed/);
});
