import { createProvider, getDefaultConfig } from "@switchgear/breaker";
import { memoryBackend } from "@switchgear/breaker/memory";
import { createRedisRateLimiter, fromIoredis } from "@switchgear/breaker/redis";

/** A client whose Redis is away: the rule says what happens then. */
const away = {
  evalsha: () => Promise.reject(new Error("away")),
  eval: () => Promise.reject(new Error("away")),
};
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const backend = memoryBackend();
backend.set("/limits/", "logins", JSON.stringify({ rate: 5, capacity: 10, onFailure: "refuse" }));
await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
  backend,
  logger: quiet,
});
await using limiter = await createRedisRateLimiter({
  client: fromIoredis(away),
  provider,
  backend,
  path: "/limits/",
  processes: 4,
  logger: quiet,
});
const { allowed } = await limiter.allow("user 7", "logins");
console.log(allowed);
