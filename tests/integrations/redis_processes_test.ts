// Real processes and a real Redis run by real time here: that is what is shown.
import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { denoCommand } from "../programs/deno_command.ts";
import { REDIS, RedisServer } from "../servers/redis.ts";
import { serverTests } from "../servers/server_tests.ts";
import type { LimitUser } from "./redis_limit_user.ts";
import { type Decided, worstExcess } from "./redis_support.ts";

const test = await serverTests(REDIS);
const USER = fileURLToPath(new URL("redis_limit_user.ts", import.meta.url));

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

/** A process that asks until it is told to stop. */
class User implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #stderr: Promise<string>;

  constructor(user: LimitUser) {
    this.#child = denoCommand({
      args: ["run", "-A", "--no-check", USER, JSON.stringify(user)],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stderr = this.#child.stderr.text();
    this.#lines = linesOf(this.#child.stdout);
  }

  /** Resolves once it is asked by another rate than before, with that rate. */
  async nextRate(): Promise<number> {
    return Number(await this.#line());
  }

  async report(): Promise<Report> {
    await this.#child.stdin.close();
    return JSON.parse(await this.#line());
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) assert.fail(await this.#stderr);
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close().catch(() => {}); // it may be closed
    await this.#lines.return?.();
    await this.#child.status;
    await this.#stderr;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Four processes, the last of them with clocks that are an hour ahead. */
class FourProcesses implements AsyncDisposable {
  readonly #users: readonly User[];

  constructor(url: string, rules: string) {
    this.#users = [0, 0, 0, 3_600_000].map((skewMs) => new User({ url, rules, askers: 8, skewMs }));
  }

  /** Resolves once the next rate that each of them is asked by is this one. */
  async obey(rate: number): Promise<void> {
    const rates = await Promise.all(this.#users.map((user) => user.nextRate()));
    assert.deepEqual(rates, this.#users.map(() => rate));
  }

  async reports(): Promise<Report[]> {
    return await Promise.all(this.#users.map((user) => user.report()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#users.map((user) => user[Symbol.asyncDispose]()));
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("four processes, one with a wrong clock, together never exceed rate x t + capacity in any interval", async () => {
  const rule = { rate: 200, capacity: 50 };
  await using server = await RedisServer.start();
  await using shared = await SharedRule.create(rule);
  await using processes = new FourProcesses(server.url, shared.folder);
  await processes.obey(rule.rate);
  await pause(2_500);
  const reports = await processes.reports();
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
  // Asked without pause, they get what there is: so it is the limit that holds them. Not all of it,
  // where a busy machine lets the bucket stand full for a moment.
  assert(taken >= 0.8 * (rule.rate * seconds + rule.capacity), `${taken} in ${seconds} s`);
});

test("four processes keep to the limit while its rule is changed under them", async () => {
  await using server = await RedisServer.start();
  await using shared = await SharedRule.create({ rate: 100, capacity: 20 });
  await using processes = new FourProcesses(server.url, shared.folder);
  await processes.obey(100);
  await shared.write({ rate: 1_000, capacity: 40 });
  await processes.obey(1_000);
  await pause(300);
  await shared.write({ rate: 1_000, capacity: -1 }); // is refused
  await pause(300);
  await shared.write({ rate: 50, capacity: 10 });
  await processes.obey(50);
  await pause(500);
  const reports = await processes.reports();
  const decided = reports.flatMap((report) => report.decided);
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
