import { BUCKET_SCRIPT, digestOf } from "./bucket_script.ts";
import type { RateLimitDecision } from "./options.ts";
import type { RedisScripts } from "./redis_scripts.ts";
import type { RuleInForce } from "./rule_in_force.ts";

const MICROS_PER_MS = 1_000;
const SHA1 = digestOf(BUCKET_SCRIPT);

/** Asks Redis: one round trip, and a second one only where Redis does not know the script (yet, or any more). */
export class BucketCall {
  readonly #client: RedisScripts;

  /** Asks through `client`. */
  constructor(client: RedisScripts) {
    this.#client = client;
  }

  /**
   * Takes `n` tokens of the bucket of a key, or none.
   *
   * @throws What the client throws.
   * @throws {TypeError} If the answer is none of this script's.
   */
  async take(
    key: string,
    n: number,
    { capacity, scriptArgs }: RuleInForce,
    signal: AbortSignal | undefined,
  ): Promise<RateLimitDecision> {
    const args = [String(n), ...scriptArgs];
    let reply: unknown;
    try {
      reply = await this.#client.evalSha(SHA1, key, args);
    } catch (error) {
      if (!isNoScript(error) || signal?.aborted) throw error;
      reply = await this.#client.eval(BUCKET_SCRIPT, key, args);
    }
    return decisionOf(reply, capacity);
  }
}

function isNoScript(error: unknown): boolean {
  return error instanceof Error && /\bNOSCRIPT\b/.test(error.message);
}

function decisionOf(reply: unknown, limit: number): RateLimitDecision {
  // Some clients hand integers back as text or as BigInt.
  const [allowed, remaining, retry, full] = Array.isArray(reply) ? reply.map(Number) : [];
  if (
    allowed === undefined || remaining === undefined || retry === undefined ||
    full === undefined || Number.isNaN(allowed + remaining + retry + full)
  ) throw new TypeError("Cannot read what Redis answered: it is not what the script returns");
  return {
    allowed: allowed === 1,
    limit,
    remaining,
    retryAfterMs: retry < 0 ? Infinity : Math.ceil(retry / MICROS_PER_MS),
    resetAfterMs: Math.ceil(full / MICROS_PER_MS),
    by: "redis",
  };
}
