// Real processes and a real Redis run by real time here: that is what is shown.
import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { REDIS, RedisServer } from "../servers/redis.ts";
import { serverTests } from "../servers/server_tests.ts";
import type { LimitUser } from "./redis_limit_user.ts";
import { type Decided, worstExcess } from "./redis_support.ts";

const test = await serverTests(REDIS);
const USER = fileURLToPath(new URL("redis_limit_user.ts", import.meta.url));
const START_MS = 1_500;

interface Report {
  readonly decided: Decided[];
  readonly failures: number;
}

/** A folder with the rule that all processes share. */
class SharedRule implements AsyncDisposable {
  constructor(readonly folder: string) {}

  static async create(rule: Record<string, unknown>): Promise<SharedRule> {
    const shared = new SharedRule(await mkdtemp(join(tmpdir(), "switchgear-limits-")));
    await shared.write(rule);
    return shared;
  }

  async write(rule: unknown): Promise<void> {
    const path = join(this.folder, "shared.json");
    await writeFile(`${path}.new`, JSON.stringify(rule));
    await rename(`${path}.new`, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

/** Runs four processes until then, the last of them with clocks that are an hour ahead. */
async function fourProcesses(url: string, rules: string, until: number): Promise<Report[]> {
  return await Promise.all([0, 0, 0, 3_600_000].map(async (skewMs) => {
    const user: LimitUser = { url, rules, until, askers: 8, skewMs };
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", USER, JSON.stringify(user)],
      stdin: "null",
    });
    const { stdout, stderr, success } = await command.output();
    assert(success, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  }));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("four processes, one with a wrong clock, together never exceed rate x t + capacity in any interval", async () => {
  const rule = { rate: 200, capacity: 50 };
  await using server = await RedisServer.start();
  await using shared = await SharedRule.create(rule);
  const reports = await fourProcesses(
    server.url,
    shared.folder,
    Date.now() + START_MS + 2_500,
  );
  const decided = reports.flatMap((report) => report.decided);
  for (const report of reports) {
    assert(report.decided.some(({ taken }) => taken > 0), "every process gets something");
    assert.equal(report.failures, 0);
  }
  const excess = worstExcess(decided);
  assert(excess <= 1e-6, `${excess} too many`);
  const first = decided.reduce((least, { at }) => Math.min(least, at), Infinity);
  const last = decided.reduce((most, { at }) => Math.max(most, at), 0);
  const seconds = (last - first) / 1e6;
  const taken = decided.reduce((sum, one) => sum + one.taken, 0);
  // Asked without pause, they get all there is: so it is the limit that holds them.
  assert(taken >= rule.rate * seconds + rule.capacity - 5, `${taken} in ${seconds} s`);
});

test("four processes keep to the limit while its rule is changed under them", async () => {
  await using server = await RedisServer.start();
  await using shared = await SharedRule.create({ rate: 100, capacity: 20 });
  const running = fourProcesses(server.url, shared.folder, Date.now() + START_MS + 3_500);
  await pause(START_MS + 800);
  await shared.write({ rate: 1_000, capacity: 40 });
  await pause(800);
  await shared.write({ rate: 1_000, capacity: -1 }); // is refused
  await pause(300);
  await shared.write({ rate: 50, capacity: 10 });
  const reports = await running;
  const decided = reports.flatMap((report) => report.decided);
  for (const report of reports) {
    const rates = new Set(report.decided.map(({ rate }) => rate));
    assert.deepEqual([...rates], [100, 1_000, 50], "each process has obeyed each rule");
  }
  const excess = worstExcess(decided);
  assert(excess <= 1e-3, `${excess} too many`);
});

Deno.test("the measure of these tests finds an interval with one token too many", () => {
  const rule = { rate: 10, capacity: 2 };
  const at = (ms: number, taken: number): Decided => ({ at: ms * 1_000, taken, ...rule });
  const fair = [at(0, 2), at(5_000, 1), at(5_000, 1), at(5_100, 1)];
  assert(worstExcess(fair) <= 1e-9);
  assert(Math.abs(worstExcess([...fair, at(5_150, 1)]) - 0.5) < 1e-9);
});
