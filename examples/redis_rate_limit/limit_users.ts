import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("limit_user.ts", import.meta.url));

/** How long a process may take to end by itself. */
const END_MS = 2_000;

/** Calls let through so far. */
export interface Passed {
  /** Those that Redis decided. */
  readonly redis: number;
  /** Those that a process decided by its share. */
  readonly share: number;
}

/** Processes that share one limit and ask without pause. */
export class LimitUsers implements AsyncDisposable {
  readonly #children: ChildProcess[];
  readonly #passed: Passed[] = [];

  /** Starts `count` processes, and waits until each of them has had an answer. */
  static async start(count: number, url: string, rules: string): Promise<LimitUsers> {
    const users = new LimitUsers(count, url, rules);
    while (users.#passed.filter(({ redis }) => redis > 0).length < count) {
      if (users.#children.some(({ exitCode }) => exitCode !== null)) {
        await users[Symbol.asyncDispose]();
        throw new Error("A process ended before it had an answer");
      }
      await pause(20);
    }
    return users;
  }

  private constructor(count: number, url: string, rules: string) {
    this.#children = Array.from({ length: count }, (_, index) => {
      const child = spawn(process.execPath, ["run", "-A", PROGRAM, url, rules], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      createInterface({ input: child.stdout }).on("line", (line) => {
        this.#passed[index] = JSON.parse(line);
      });
      return child;
    });
  }

  /** What all of them together let through in the next `ms` milliseconds. */
  async during(ms: number): Promise<Passed> {
    const before = this.#total();
    await pause(ms);
    const { redis, share } = this.#total();
    return { redis: redis - before.redis, share: share - before.share };
  }

  /** Ends the processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.stdin?.end();
      const late = setTimeout(() => child.kill("SIGKILL"), END_MS);
      await ended;
      clearTimeout(late);
    }));
  }

  #total(): Passed {
    const sum = (by: keyof Passed): number =>
      this.#passed.reduce((total, passed) => total + passed[by], 0);
    return { redis: sum("redis"), share: sum("share") };
  }
}
