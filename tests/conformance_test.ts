import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseCases } from "./conformance/case.ts";
import { caseFiles, OWN_CASES, runFiles } from "./conformance/main.ts";
import { runCase } from "./conformance/run_case.ts";
import { THIS_LIBRARY } from "./conformance/this_library.ts";
import { denoCommand } from "./programs/deno_command.ts";

Deno.test("the conformance cases pass, several for each rule that cases can express", async () => {
  const failures: string[] = [];
  const { passed, failed } = await runFiles([OWN_CASES], (line) => failures.push(line));
  assert.deepEqual(failures, []);
  assert.equal(failed, 0);
  assert(passed >= 80, `${passed} cases`);
  const rules = new Map<string, number>();
  for (const file of await caseFiles([OWN_CASES])) {
    for (const subject of parseCases(await readFile(file, "utf8"), file)) {
      const rule = "fault" in subject ? "" : subject.rule;
      rules.set(rule, (rules.get(rule) ?? 0) + 1);
    }
  }
  for (const n of [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 19, 20, 22, 23, 24]) {
    assert((rules.get(`R${n}`) ?? 0) >= 3, `R${n} has ${rules.get(`R${n}`) ?? 0} cases`);
  }
});

Deno.test("a case that fails says at which step, and what was seen", () => {
  const wrong = parseCases(
    JSON.stringify([
      {
        name: "a",
        rule: "R5",
        steps: [{ call: "failure" }, { expect: { state: "open", calls: 2 } }],
      },
      { name: "b", rule: "R5", steps: [{ begin: "x", admitted: false }] },
      {
        name: "c",
        rule: "R5",
        policy: { failureThreshold: 0 },
        steps: [{ policy: { window: 7 } }],
      },
      { name: "d", rule: "R5", steps: [{ policy: {}, invalid: true }] },
      { name: "e", rule: "R5", steps: [{ settle: "nobody", as: "success" }] },
      { name: "g", rule: "R5", policy: { failureThreshold: -1 }, steps: [] },
      {
        name: "h",
        rule: "R13",
        steps: [{ mode: "forced-open" }, { begin: "x", admitted: false, reason: "open" }],
      },
    ]),
    "cases.json",
  );
  const seen = wrong.map((subject) => {
    assert(!("fault" in subject));
    const failure = runCase(subject, THIS_LIBRARY);
    return `${failure?.step}: ${failure?.seen}`;
  });
  const expected = [
    /^2: state is "closed", expected "open"; calls is 1, expected 2$/,
    /^1: the call was admitted, expected refused$/,
    /^1: .*window/,
    /^1: the policy was accepted, expected refused$/,
    /^1: no call "nobody" was admitted$/,
    /^0: .*failureThreshold/,
    /^2: the call was refused \(forced\), expected refused \(open\)$/,
  ];
  seen.forEach((text, i) => assert.match(text, expected[i] ?? /never/));
});

Deno.test("what happens to a breaker that was replaced by its restored one is not seen", () => {
  const [subject] = parseCases(
    JSON.stringify([{
      name: "x",
      rule: "R19",
      policy: { failureThreshold: 1 },
      steps: [
        { begin: "a" },
        { restore: true },
        { settle: "a", as: "failure" },
        { expect: { state: "closed", transitions: [] } },
      ],
    }]),
    "cases.json",
  );
  assert(subject !== undefined && !("fault" in subject));
  assert.equal(runCase(subject, THIS_LIBRARY), undefined);
});

Deno.test("what is no case is refused with its place, so that nothing passes by a typing error", () => {
  const step = (text: string): string => `[{"name":"a","rule":"R1","steps":[${text}]}]`;
  const bad: [string, RegExp][] = [
    ["[7]", /case 1: not an object/],
    ['[{"steps":[]}]', /case 1: "name" must be a string/],
    ['[{"name":"a","steps":[]}]', /case 1: "rule" must be a string/],
    ['[{"name":"a","rule":"R1"}]', /case 1: "steps" must be an array/],
    ['[{"name":"a","rule":"R1","steps":[],"polcy":{}}]', /case 1: unknown field "polcy"/],
    [step("7"), /"a", step 1: not an object/],
    [step('{"wait":1}'), /"a", step 1: none of begin, settle/],
    [step('{"call":"success","as":"success"}'), /step 1: "as" does not go with "call"/],
    [step('{"call":"sucess"}'), /step 1: "call" must be an outcome, not "sucess"/],
    [step('{"call":"success","times":0}'), /step 1: "times" must be a positive integer, not 0/],
    [step('{"call":"success","times":"x"}'), /step 1: "times" must be a positive integer/],
    [step('{"begin":"a","admitted":"no"}'), /step 1: "admitted" must be true or false/],
    [step('{"begin":"a"},{"begin":"a"}'), /step 2: "a" was begun before/],
    [step('{"settle":"a"}'), /step 1: "settle" needs "as"/],
    [step('{"restore":false}'), /step 1: "restore" must be true or a duration, not false/],
    [step('{"hold":true}'), /step 1: "hold" must be a duration, not true/],
    [step('{"release":"me"}'), /step 1: "release" must be true, not "me"/],
    [step('{"trip":true,"owner":"me"}'), /step 1: "owner" does not go with "trip"/],
    [step('{"call":"timeout","holdAfter":"1s"}'), /step 1: only a failure can ask/],
    [step('{"random":[]}'), /step 1: "random" must be a number or a list of numbers/],
    [step('{"advance":true}'), /step 1: "advance" must be a duration/],
    [step('{"expect":{"sate":"open"}}'), /step 1: cannot expect "sate"/],
    [step('{"expect":7}'), /step 1: "expect" must be an object/],
  ];
  for (const [text, fault] of bad) {
    const [parsed] = parseCases(text, "cases.json");
    assert(parsed !== undefined && "fault" in parsed, text);
    assert.match(parsed.fault, fault);
  }
  assert.throws(() => parseCases("{", "cases.json"), /from cases.json: .*JSON/);
  assert.throws(() => parseCases("{}", "cases.json"), /not an array/);
});

for (
  const { args, said } of [
    {
      args: ["/nowhere/cases.json"],
      said: /^There is no file or folder \/nowhere\/cases\.json\n$/,
    },
    { args: ["--fast"], said: /^Unknown option --fast\n\nUsage: / },
  ]
) {
  Deno.test(`conformance ${args.join(" ")} says what is wrong and exits with 2`, async () => {
    const { code, stdout, stderr } = await denoCommand({
      args: [
        "run",
        "-A",
        "--quiet",
        fileURLToPath(new URL("conformance/main.ts", import.meta.url)),
        ...args,
      ],
    }).output();
    assert.match(new TextDecoder().decode(stderr), said);
    assert.equal(new TextDecoder().decode(stdout), "");
    assert.equal(code, 2);
  });
}
