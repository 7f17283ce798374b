/**
 * One of several processes that share a limit: asks as fast as it can until its standard input ends,
 * prints each rate as soon as it is decided by, a line each, and at last what Redis decided, as JSON.
 * Its one argument is a {@linkcode LimitUser} as JSON.
 */
import { fileBackend } from "../../backends/file/mod.ts";
import { memoryBackend } from "../../backends/memory.ts";
import { createRedisRateLimiter } from "../../integrations/redis/mod.ts";
import { getDefaultConfig } from "../../src/provider/config.ts";
import { createProvider } from "../../src/provider/create_provider.ts";
import { systemClock } from "../../src/time/clock.ts";
import { type Decided, openRedis, recorded } from "./redis_support.ts";

/** What a process does. */
export interface LimitUser {
  readonly url: string;
  /** Folder of the rules. */
  readonly rules: string;
  /** Questions in flight. */
  readonly askers: number;
  /** By how much this process's clocks are wrong, in milliseconds. */
  readonly skewMs: number;
}

const user: LimitUser = JSON.parse(Deno.args[0] ?? "");
const realNow = Date.now;
const ended = new AbortController();
const stdinEnd = new Response(Deno.stdin.readable).text().then(() => ended.abort());
Date.now = () => realNow() + user.skewMs;
const clock = { ...systemClock, now: () => systemClock.now() + user.skewMs };

const decided: Decided[] = [];
function keep(one: Decided): void {
  if (one.rate !== decided.at(-1)?.rate) console.log(one.rate);
  decided.push(one);
}

let failures = 0;
{
  await using open = await openRedis(user.url);
  await using provider = await createProvider(getDefaultConfig("test", "production"), {
    backend: memoryBackend(),
    clock,
  });
  await using limiter = await createRedisRateLimiter({
    client: recorded(open.scripts, keep),
    provider,
    backend: fileBackend(user.rules),
    timeout: "5s",
    clock,
  });
  const ask = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const { by } = await limiter.allow("all", "shared");
      if (by !== "redis") failures++;
    }
  };
  await Promise.all(Array.from({ length: user.askers }, ask));
}
await stdinEnd;
console.log(JSON.stringify({ decided, failures }));
