/**
 * One of the processes that share a limit in `examples/redis_rate_limit.ts`, which starts it: asks
 * without pause, and prints ten times a second how many calls were let through so far, and by whom.
 * It ends with its standard input. Arguments: Redis's URL and the folder of the rules.
 */
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "npm:ioredis@6.0.0";
import { fileBackend } from "../../backends/file/mod.ts";
import { memoryBackend } from "../../backends/memory.ts";
import { createRedisRateLimiter, fromIoredis } from "../../integrations/redis/mod.ts";
import { createProvider, getDefaultConfig } from "../../mod.ts";

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const [url = "", rules = ""] = process.argv.slice(2);

const redis = new Redis(url, { enableOfflineQueue: false, lazyConnect: true });
redis.on("error", () => {});
await redis.connect();

await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
  backend: memoryBackend({
    "redis-rate-limit": { openStateTimeout: "500ms", successThreshold: 1 },
  }),
  logger: QUIET,
});
await using limiter = await createRedisRateLimiter({
  client: fromIoredis(redis),
  provider,
  backend: fileBackend(rules),
  processes: 4,
  logger: QUIET,
});

const allowed = { redis: 0, local: 0, share: 0, failure: 0 };
const done = new AbortController();
for (const end of ["end", "close"]) process.stdin.once(end, () => done.abort());
process.stdin.resume();
const printing = setInterval(() => console.log(JSON.stringify(allowed)), 100);
while (!done.signal.aborted) {
  const decision = await limiter.allow("tenant 7", "search");
  if (decision.allowed) allowed[decision.by]++;
  await pause(2);
}
clearInterval(printing);
redis.disconnect();
