import { runCli } from "../../cli/run_cli.ts";
import type { Narrator } from "./narrator.ts";

/** Where an operator finds the policies. */
export interface OperatorOptions {
  /** The URL of etcd. */
  readonly endpoint: string;
  /** What the keys begin with. */
  readonly prefix: string;
  /** Shows the command lines and what they print. */
  readonly narrator: Narrator;
}

/** Somebody who edits policies in etcd by the command line tool. */
export class Operator {
  readonly #options: OperatorOptions;

  /** Creates one who has done nothing. */
  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  /**
   * Runs `switchgear policy set` in this process: with a connection of its own, as the tool has
   * it, but without the second in which a process starts and the provider could get ahead.
   *
   * @param assignments Such as `failureThreshold=5`.
   * @throws {Error} If it fails.
   */
  async set(breaker: string, ...assignments: readonly string[]): Promise<void> {
    const { endpoint, prefix, narrator } = this.#options;
    const args = ["policy", "set", breaker, ...assignments, "--etcd", endpoint, "--prefix", prefix];
    narrator.say(`  $ switchgear ${args.join(" ")}`);
    let output = "";
    const print = (text: string): void => {
      output += text;
    };
    const status = await runCli(args, {
      stdout: print,
      stderr: print,
      readStdin: () => Promise.resolve(""),
      color: false,
    });
    for (const line of output.trimEnd().split("\n")) narrator.say(`    ${line}`);
    if (status !== 0) throw new Error(`switchgear policy set ended with status ${status}`);
  }
}
