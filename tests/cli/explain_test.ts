import assert from "node:assert/strict";
import type { Policy } from "../../src/policy/policy.ts";
import { run } from "./captured_io.ts";
import { policyFiles } from "./policy_files.ts";

/** What an explanation says, with its lines joined, so that a case need not know where they break. */
async function explain(args: readonly string[], stdin = ""): Promise<string> {
  const { status, stdout, stderr } = await run(["explain", ...args], { stdin });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  return stdout.replaceAll(/\s+/g, " ");
}

const CASES: readonly (readonly [string, Policy, readonly string[], (readonly string[])?])[] = [
  [
    "the production defaults",
    {},
    [
      "Opens - After 5 failures in a row",
      "There is no time limit",
      "refused at once for 1m;",
      "Admits one call at a time to probe",
      "has not ended 1m after it began",
      "Closes - After 2 successful probes in a row",
    ],
    ["Mode", "Warnings", "window holds the newest"],
  ],
  [
    "a threshold of one",
    { failureThreshold: 1, successThreshold: 1 },
    ["At the first failure.", "At the first successful probe."],
  ],
  [
    "rates over a count window",
    { failureRateThreshold: 0.5, window: { kind: "count", size: 10 } },
    [
      "When 50 % or more of the calls in the window failed",
      "newest 10 calls; a share counts once it holds 10",
    ],
  ],
  [
    "rates over a time window",
    {
      failureThreshold: 0,
      timeoutRateThreshold: 0.125,
      slowCallRateThreshold: 1,
      slowCallThreshold: "500ms",
      timeout: "2s",
      window: { kind: "time", duration: "1m", buckets: 6 },
    },
    [
      "When 12.5 % or more of the calls in the window ran into their time limit",
      "When all of the calls in the window were slow",
      "in the last 1m, moving on in steps of 10s; a share counts once it holds 20",
      "longer than 2s: it is given up",
      "longer than 500ms is slow",
      "One probe that fails or is slow opens it again",
    ],
    ["failures in a row"],
  ],
  [
    "failures that are counted, and failures close together",
    { failureThreshold: 3, failureThresholdWithin: "1m", failureCountThreshold: 10 },
    [
      "After 3 failures in a row, none of them more than 1m after the one before.",
      "When the window holds 10 failures, however few calls it holds.",
      "The window holds the newest 100 calls.",
    ],
    ["however far apart", "a share counts"],
  ],
  [
    "probes whose deadline no field sets",
    { openStateTimeout: "10s", timeout: "15s" },
    [
      "has not ended 15s after it began",
      "the next ones have twice the time that it took, up to 1m40s.",
    ],
  ],
  [
    "how long the dependency itself can ask for",
    { maxHold: "30s" },
    ["Where the dependency asks for more time, as Retry-After does, calls are refused until then, for 30s at most."],
  ],
  [
    "no criterion at all",
    { failureThreshold: 0 },
    ["Never by this policy: it has no criterion"],
  ],
  [
    "backoff with jitter",
    { openStateTimeout: "30s", openBackoff: { maxTimeout: "90s", jitter: 0.1 } },
    [
      "refused at once for 30s;",
      "stays open longer: 1m, then 1m30s each time.",
      "Up to 10 % of that",
    ],
  ],
  [
    "a backoff without a near cap",
    { openStateTimeout: "30s", openBackoff: { maxTimeout: "10m" } },
    ["stays open longer: 1m, 2m, 4m and so on, at most 10m."],
    ["taken off at random"],
  ],
  [
    "a backoff whose cap is reached at once",
    { openStateTimeout: "30s", openBackoff: { maxTimeout: "45s" } },
    ["stays open longer: 45s each time."],
  ],
  [
    "a backoff whose cap lies below the open time",
    { openStateTimeout: "30s", openBackoff: { maxTimeout: "10s" } },
    ["refused at once for 10s;", "Warnings - openBackoff.maxTimeout"],
    ["stays open longer"],
  ],
  [
    "half-open with several probes",
    { halfOpen: { maxProbes: 3, probeTimeout: "5s" } },
    ["Admits up to 3 calls at a time", "has not ended 5s after it began"],
  ],
  [
    "a ramp",
    { ramp: { calls: 5, per: "1m", growth: 1.5, steps: 6 } },
    [
      "in each interval of 1m: 5, 7, 11, 16 and so on",
      "Closes - After 6 good intervals, which takes 6m at least",
    ],
    ["Admits one call at a time", "successful probes in a row"],
  ],
  [
    "a slow rate that can never act",
    { slowCallRateThreshold: 0.5 },
    ["No call is slow", "Warnings - slowCallRateThreshold can never open"],
    ["fails or is slow"],
  ],
  ["the mode disabled", { mode: "disabled" }, ["Mode - disabled: every call is admitted"]],
  ["the mode forced-open", { mode: "forced-open" }, ["Mode - forced-open: every call is refused"]],
  ["the mode metrics-only", { mode: "metrics-only" }, [
    "Mode - metrics-only: every call is admitted and recorded",
  ]],
];

for (const [name, policy, says, keepsSilent = []] of CASES) {
  Deno.test(`explain: says in plain words what ${name} means`, async () => {
    const text = await explain([JSON.stringify(policy)]);
    for (const words of says) assert.ok(text.includes(words), `"${words}" is missing in: ${text}`);
    for (const words of keepsSilent) assert.ok(!text.includes(words), `"${words}" is in: ${text}`);
  });
}

Deno.test("explain: reads the standard input", async () => {
  const text = await explain(["-"], '{ "failureThreshold": 3 }');
  assert.match(text, /Policy: standard input Its own: failureThreshold\..*After 3 failures/);
});

Deno.test("explain: development probes after ten seconds", async () => {
  assert.match(await explain(["{}", "--env", "development"]), /holds in development.* for 10s;/);
});

Deno.test("explain: a file inherits from default.json beside it", async () => {
  await using folder = await policyFiles({
    "default.json": { timeout: "2s", failureThreshold: 9 },
    "users.json": { failureThreshold: 3 },
  });
  const text = await explain([folder.path("users.json")]);
  assert.ok(text.includes(`From ${folder.path("default.json")}: timeout.`), text);
  assert.match(text, /After 3 failures.*longer than 2s: it is given up/);
  assert.doesNotMatch(await explain([folder.path("default.json")]), /From /);
});

Deno.test("explain: --default names another default", async () => {
  await using folder = await policyFiles({
    "default.json": { timeout: "2s" },
    "other.json": { timeout: "7s" },
    "users.json": {},
  });
  const text = await explain([folder.path("users.json"), "--default", folder.path("other.json")]);
  assert.match(text, /other\.json: timeout\..*longer than 7s/);
  assert.match(await explain(["{}", "--default", folder.path("other.json")]), /longer than 7s/);
});

Deno.test("explain: --default with breakers.json takes its default, and says if there is none", async () => {
  await using folder = await policyFiles({ "breakers.json": { default: { timeout: "7s" } } });
  const file = folder.path("breakers.json");
  assert.match(await explain(["{}", "--default", file]), /longer than 7s/);
  await using bare = await policyFiles({ "breakers.json": {} });
  const missing = await run(["explain", "{}", "--default", bare.path("breakers.json")]);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /holds no policy called "default"/);
});

Deno.test("explain: explains every policy of breakers.json", async () => {
  await using folder = await policyFiles({
    "breakers.json": { default: { timeout: "7s" }, users: { failureThreshold: 3 } },
  });
  const text = await explain([folder.path("breakers.json")]);
  assert.match(text, /Policy "default" in .*Policy "users" in .*From .*breakers\.json: timeout\./);
});

Deno.test("explain: lines fit the terminal", async () => {
  const { stdout } = await run(["explain", "{}"], { terminal: { columns: 50, rows: 24 } });
  assert.ok(stdout.split("\n").every((line) => line.length <= 50), stdout);
});

const REFUSED: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  [
    "a policy with faults",
    ['{ "failureTreshold": 3 }'],
    1,
    /did you mean failureThreshold\?\n1 fault\n$/,
  ],
  ["text that is no JSON", ["{"], 1, /command line: \$\n/],
  ["a file that does not exist", ["missing.json"], 2, /Cannot read missing\.json: no such file/],
  [
    "a default that does not exist",
    ["{}", "--default", "missing.json"],
    2,
    /Cannot read missing\.json/,
  ],
];

for (const [name, args, expected, message] of REFUSED) {
  Deno.test(`explain: ${name} has status ${expected}`, async () => {
    const { status, stdout, stderr } = await run(["explain", ...args]);
    assert.deepEqual({ status, stdout }, { status: expected, stdout: "" });
    assert.match(stderr, message);
  });
}

Deno.test("explain: a default with faults has status 1", async () => {
  await using folder = await policyFiles({ "other.json": { timeout: 0 } });
  const { status, stderr } = await run(["explain", "{}", "--default", folder.path("other.json")]);
  assert.equal(status, 1);
  assert.match(stderr, /other\.json: \$\.timeout/);
});
