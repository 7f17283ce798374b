/**
 * Four processes that share one limit through a real Redis: they keep to it together, obey a
 * rule that is edited, go on by local shares while Redis hangs, and share again when it is back.
 *
 * Run it from a clone: `deno run -A examples/redis_rate_limit.ts`. It takes about 10 s.
 *
 * Exit status: 0 all of that was so; 1 it was not; 2 wrong usage, or there is no Redis to run.
 */
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { LimitRule } from "../integrations/redis/mod.ts";
// The example is run from a clone, so that it may unpack and run Redis as the tests do.
import { provideBinary } from "../tests/servers/debian_package.ts";
import { REDIS, RedisServer } from "../tests/servers/redis.ts";
import { LimitUsers } from "./redis_rate_limit/limit_users.ts";
import { startExample } from "./start_example.ts";

const CAPACITY = 20;
const STAGE_MS = 1_500;
/** How far apart what the processes print may be, in seconds. */
const BLUR_S = 0.3;

await startExample("redis_rate_limit", async () => {
  const binary = await provideBinary(REDIS);
  if (!binary.available) {
    console.error(`There is no Redis to run: ${binary.reason}`);
    return 2;
  }
  const rules = await mkdtemp(join(tmpdir(), "switchgear-limits-"));
  try {
    const isRight = await show(rules);
    console.log(isRight ? "All as it must be." : "Not as it must be.");
    return isRight ? 0 : 1;
  } finally {
    await rm(rules, { recursive: true });
  }
});

/** Tells the story, and whether all went as it must. */
async function show(rules: string): Promise<boolean> {
  await writeRule(rules, 100);
  await using server = await RedisServer.start();
  await using users = await LimitUsers.start(4, server.url, rules);
  console.log(`Four processes ask without pause; together they may have 100 a second.`);
  const shared = await stage(users, "redis", 100);

  await writeRule(rules, 300);
  await pause(700);
  console.log("The rule was edited: 300 a second. Nobody was restarted.");
  const edited = await stage(users, "redis", 300);

  await server.pause();
  await pause(2_000);
  console.log("Redis hangs. Each process goes on by its share, a quarter of the limit.");
  const hung = await stage(users, "share", 300);

  server.resume();
  await pause(1_500);
  console.log("Redis is back, and decides again.");
  const back = await stage(users, "redis", 300);
  return shared && edited && hung && back;
}

/** Watches the processes for a while, and tells whether they keep to the limit and use it. */
async function stage(users: LimitUsers, by: "redis" | "share", rate: number): Promise<boolean> {
  const passed = await users.during(STAGE_MS);
  const seconds = STAGE_MS / 1_000;
  const most = Math.round(rate * (seconds + BLUR_S) + CAPACITY);
  const least = Math.round(rate * (seconds - BLUR_S) * 0.6);
  console.log(`    ${passed[by]} calls let through in ${seconds} s, decided by ${by}`);
  return passed[by] <= most && passed[by] >= least;
}

async function writeRule(folder: string, rate: number): Promise<void> {
  const rule: LimitRule = { rate, capacity: CAPACITY, onFailure: "local" };
  const path = join(folder, "search.json");
  await writeFile(`${path}.new`, JSON.stringify(rule));
  await rename(`${path}.new`, path);
}
