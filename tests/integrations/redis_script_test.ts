import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { BUCKET_SCRIPT, digestOf } from "../../integrations/redis/bucket_script.ts";
import type { RedisScripts } from "../../integrations/redis/mod.ts";
import { ruleInForce } from "../../integrations/redis/rule_in_force.ts";
import { REDIS, RedisServer } from "../servers/redis.ts";
import { serverTests } from "../servers/server_tests.ts";
import { openRedis } from "./redis_support.ts";

const test = await serverTests(REDIS);

const TIME = 'redis.call("TIME")';
const EXPIRY = '"PX", ttl)';

/** The script with its time given by two more arguments, and keys that stay however long that takes. */
function withGivenTime(): string {
  assert.equal(BUCKET_SCRIPT.split(TIME).length, 2);
  assert.equal(BUCKET_SCRIPT.split(EXPIRY).length, 2);
  return BUCKET_SCRIPT.replace(TIME, "{ARGV[5], ARGV[6]}").replace(EXPIRY, '"PX", 1e9 + ttl)');
}

interface Rule {
  readonly rate: number;
  readonly capacity: number;
}

interface Answer {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly retry: number;
  readonly full: number;
}

/** Asks the script about one bucket at given instants. */
class GivenTime {
  readonly #scripts: RedisScripts;
  readonly #script = withGivenTime();
  #key = 0;

  constructor(scripts: RedisScripts) {
    this.#scripts = scripts;
  }

  nextBucket(): void {
    this.#key++;
  }

  async take(n: number, { rate, capacity }: Rule, at: number): Promise<Answer> {
    const args = ruleInForce({ rate, capacity }, 1).scriptArgs;
    const seconds = Math.floor(at / 1e6);
    const time = [String(seconds), String(at - seconds * 1e6)];
    const reply = await this.#scripts.eval(this.#script, `bucket ${this.#key}`, [
      String(n),
      ...args,
      ...time,
    ]);
    assert(Array.isArray(reply));
    const [allowed, remaining = NaN, retry = NaN, full = NaN] = reply.map(Number);
    return { allowed: allowed === 1, remaining, retry, full };
  }
}

/** The same bucket in exact fractions: debt in parts of `micros`, the rate as `tokens` in `micros`. */
class Model {
  #debt = 0n;
  #at: bigint | undefined;

  take(n: number, rule: Rule, at: number): Answer {
    const [capacity, tokens, micros] = ruleInForce(rule, 1).scriptArgs.map(BigInt);
    assert(capacity !== undefined && tokens !== undefined && micros !== undefined);
    const now = BigInt(at);
    const elapsed = now - (this.#at ?? now);
    this.#at = now;
    this.#debt = max(0n, this.#debt - max(0n, elapsed) * tokens);
    const wanted = this.#debt + BigInt(n) * micros;
    const allowed = wanted <= capacity * micros;
    if (allowed) this.#debt = wanted;
    return {
      allowed,
      remaining: Number(max(0n, capacity * micros - this.#debt) / micros),
      retry: allowed
        ? 0
        : BigInt(n) > capacity
        ? -1
        : Number(ceil(wanted - capacity * micros, tokens)),
      full: Number(ceil(this.#debt, tokens)),
    };
  }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function ceil(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

const START = 1_800_000_000_000_000;
const rates = fc.oneof(
  fc.constantFrom(1, 0.1, 1 / 3, 3, 7, 1_000, 1e6, 1e9, 1 / 86_400, Math.PI, 999_983),
  fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
);
const capacities = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1e9 }));
const rules = fc.record({ rate: rates, capacity: capacities })
  .filter(({ rate, capacity }) => capacity / rate < 365 * 86_400);

/** Steps whose times and sizes are of the order of what the rule lets through. */
const steps = fc.array(
  fc.record({ part: fc.double({ min: 0, max: 1.2, noNaN: true }), wait: fc.nat(4) }),
  { minLength: 1, maxLength: 20 },
);

test("the script decides as exact fractions do, over any time and at any rate", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const script = new GivenTime(open.scripts);
  await fc.assert(
    fc.asyncProperty(rules, steps, async (rule, plan) => {
      script.nextBucket();
      const model = new Model();
      let at = START;
      for (const { part, wait } of plan) {
        const n = Math.floor(part * rule.capacity);
        const expected = model.take(n, rule, at);
        assert.deepEqual(await script.take(n, rule, at), expected);
        at += Math.floor(wait / 4 * (expected.retry > 0 ? expected.retry : expected.full));
      }
    }),
    { numRuns: 300 },
  );
});

test("what is refused with a time is refused until then and allowed from then on", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const script = new GivenTime(open.scripts);
  await fc.assert(
    fc.asyncProperty(rules, fc.double({ min: 0, max: 1, noNaN: true }), async (rule, part) => {
      script.nextBucket();
      const n = Math.max(1, Math.floor(part * rule.capacity));
      await script.take(rule.capacity, rule, START);
      const { retry } = await script.take(n, rule, START);
      assert(retry > 0);
      assert.equal((await script.take(n, rule, START + retry - 1)).allowed, false);
      assert.equal((await script.take(n, rule, START + retry)).allowed, true);
    }),
    { numRuns: 200 },
  );
});

test("under rules that change at any moment no interval gets more than its rates and the highest capacity", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const script = new GivenTime(open.scripts);
  const changing = fc.array(
    fc.record({
      rule: fc.record({
        rate: fc.constantFrom(1, 3, 10, 1_000, 0.7, Math.PI),
        capacity: fc.integer({ min: 1, max: 20 }),
      }),
      n: fc.integer({ min: 1, max: 8 }),
      wait: fc.integer({ min: 0, max: 2e6 }),
    }),
    { minLength: 2, maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(changing, async (plan) => {
      script.nextBucket();
      // Micro-tokens; the rounding of a rate that is no simple fraction is below it.
      let [debt, at, before] = [0, START, plan[0]?.rule.rate ?? 0];
      for (const { rule, n, wait } of plan) {
        at += wait;
        debt = Math.max(0, debt - wait * Math.min(rule.rate, before));
        before = rule.rate;
        const { allowed } = await script.take(n, rule, at);
        if (allowed) debt += n * 1e6;
        assert(!allowed || debt <= rule.capacity * 1e6 + 1e-3, `${debt} of ${rule.capacity}`);
      }
    }),
    { numRuns: 200 },
  );
});

test("a live change of the rate keeps what was consumed, and loses less than a token's millionth", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const script = new GivenTime(open.scripts);
  await script.take(10, { rate: 1, capacity: 10 }, START);
  const slow = await script.take(1, { rate: 1, capacity: 10 }, START + 500_000);
  assert.equal(slow.retry, 500_000);
  const fast = await script.take(1, { rate: 100, capacity: 10 }, START + 500_000);
  assert.equal(fast.allowed, false);
  assert(fast.retry >= 5_000 && fast.retry <= 5_001, String(fast.retry));
  assert.equal((await script.take(1, { rate: 100, capacity: 10 }, START + 505_001)).allowed, true);
});

test("a capacity that grows gives the difference at once, and one that shrinks keeps the debt", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const script = new GivenTime(open.scripts);
  await script.take(4, { rate: 1, capacity: 10 }, START);
  assert.equal((await script.take(0, { rate: 1, capacity: 20 }, START)).remaining, 16);
  const shrunk = await script.take(1, { rate: 1, capacity: 2 }, START);
  assert.deepEqual([shrunk.allowed, shrunk.remaining, shrunk.retry], [false, 0, 3e6]);
});

test("a clock of Redis that goes back stands still and counts on from there", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const script = new GivenTime(open.scripts);
  const rule = { rate: 1, capacity: 1 };
  await script.take(1, rule, START);
  assert.equal((await script.take(1, rule, START - 3_600e6)).retry, 1e6);
  assert.equal((await script.take(1, rule, START - 3_600e6 + 1e6)).allowed, true);
});

test("a key that holds something else is taken for an unused bucket", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  await open.redis.set("bucket", "0 0 0 0 0 or so");
  const args = ["1", ...ruleInForce({ rate: 1, capacity: 2 }, 1).scriptArgs];
  const reply = await open.scripts.eval(BUCKET_SCRIPT, "bucket", args);
  assert(Array.isArray(reply));
  assert.deepEqual(reply.slice(0, 2), [1, 1]);
});

test("the digest is the one under which Redis knows the script", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  assert.equal(await open.redis.script("LOAD", BUCKET_SCRIPT), digestOf(BUCKET_SCRIPT));
});
