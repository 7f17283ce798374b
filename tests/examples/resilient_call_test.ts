/** Real time passes here: the example makes real calls to a real server, which is its point. */
import assert from "node:assert/strict";
import { type EndedExample, runExample } from "./run_example.ts";

/** With no permission but to reach its own server. */
function run(...args: string[]): Promise<EndedExample> {
  return runExample("resilient_call", { args, permissions: ["--allow-net=127.0.0.1"] });
}

/** What is told under each title. */
function scenesOf(stdout: string): Map<string, string[]> {
  const scenes = stdout.trim().split("\n\n").map((scene): [string, string[]] => {
    const [title = "", ...lines] = scene.split("\n");
    return [title, lines.map((line) => line.trim())];
  });
  return new Map(scenes);
}

Deno.test("the example shows every layer at work around real calls, and ends by itself", async (t) => {
  const startedAt = performance.now();
  const { code, out, err } = await run();
  const tookMs = performance.now() - startedAt;
  const scenes = scenesOf(out);

  const told = (title: string): readonly string[] => {
    const lines = scenes.get(title);
    assert(lines !== undefined, `"${title}" is not told of in ${out}`);
    return lines;
  };

  await t.step("it complains of nothing, and is short", () => {
    assert.deepEqual([code, err], [0, ""]);
    assert(tookMs < 30_000, `${tookMs}`);
    assert(out.split("\n").length < 70);
  });

  await t.step("it describes what it built", () => {
    const [text = ""] = told("resilient()…build()");
    assert.match(
      text,
      /^Answers failures with a fallback; lets through 20 a second in bursts of up to 15/,
    );
    assert.match(
      text,
      /runs at most 3 at once.*gives up after 1.5s.*breaker "menu".*up to 3 times/,
    );
    assert.match(text, /; at worst 3 attempts in 2\.5s\.$/);
    assert.match(
      told("pipeline(…)")[0] ?? "",
      /^Answers from a cache .*at worst 4 attempts in 1\.35s\.$/,
    );
  });

  const facts: readonly [title: string, lines: readonly string[]][] = [
    ["The service works", ["soup of the day", "1 request came to the service"]],
    ["Retry: it fails once", ["soup of the day", "2 requests came to the service"]],
    ["Timeout: it never answers", [
      'bread (Call through timeout "menu" took longer than 1500 ms)',
      "1 request came to the service",
    ]],
    ["Bulkhead: ten guests at once", [
      "5 x soup of the day",
      '5 x bread (Bulkhead "menu" refused the call: it is full (3 running, 2 waiting))',
      "5 requests came to the service, at most 3 at once",
    ]],
    ["Breaker: it is out of order, for five guests", [
      "3 x bread (the service answered 503)",
      '2 x bread (Breaker "menu" refused the call: it is open (tripped by failureThreshold 3 reached 3, last failure Error: the service answered 503))',
      "9 requests came to the service; the breaker is open",
    ]],
    ["Breaker: it works again, and the open time is over", [
      "soup of the day",
      "1 request came to the service; the breaker is closed",
    ]],
    ["Hedge: it stalls once", [
      "soup of the day, from the hedge",
      "2 requests came to the service, at most 2 at once",
    ]],
    ["Worker pool and cache: eight guests right after", [
      "8 x soup of the day",
      "0 requests came to the service",
    ]],
    ["Cache: it is out of order, and the cache is stale", [
      "soup of the day",
      "2 requests came to the service",
      'log: Cache fallback "specials": a load failed, answering with what is stale',
    ]],
  ];
  for (const [title, lines] of facts) {
    await t.step(title, () => assert.deepEqual(told(title), lines));
  }

  await t.step("Retry-After: the wait that the service asks for is waited", () => {
    const [answer = "", requests] = told("Retry-After: it is busy, and asks for a second");
    const seconds = Number(/^soup of the day, after (\d+\.\d)s$/.exec(answer)?.[1]);
    assert(seconds >= 1 && seconds < 10, answer);
    assert.equal(requests, "2 requests came to the service");
  });

  await t.step("Rate limit: the burst goes through, and what comes in meanwhile", () => {
    const [through = "", refused = "", requests = ""] = told("Rate limit: thirty guests in a row");
    const number = Number.parseInt(through);
    assert(number >= 15 && number < 30, through);
    assert.match(refused, new RegExp(`^${30 - number} x bread \\(Rate limiter "menu" refused`));
    assert.match(requests, new RegExp(`^${number} requests`));
  });
});

Deno.test("the example says how it is used", async () => {
  const { code, out } = await run("--help");
  assert.equal(code, 0);
  assert.match(out, /^Usage: deno run .*examples\/resilient_call\.ts/);
});

Deno.test("the example takes no unknown argument", async () => {
  const { code, err } = await run("--fast");
  assert.equal(code, 2);
  assert.match(err, /^Unknown argument --fast\nUsage: /);
});
