import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Policy } from "../../src/policy/policy.ts";

/** A temporary folder with the policy file of one breaker. */
export class PolicyFolder implements AsyncDisposable {
  /** The folder. */
  readonly path: string;
  readonly #file: string;
  #policy: Policy;

  private constructor(path: string, breaker: string, policy: Policy) {
    this.path = path;
    this.#file = join(path, `${breaker}.json`);
    this.#policy = policy;
  }

  /** Creates the folder with the policy in it. */
  static async create(breaker: string, policy: Policy): Promise<PolicyFolder> {
    const path = await mkdtemp(join(tmpdir(), "switchgear-demo-"));
    const folder = new PolicyFolder(path, breaker, policy);
    await folder.edit({});
    return folder;
  }

  /** The policy as the file holds it. */
  get policy(): Policy {
    return this.#policy;
  }

  /** Writes the file with other values in some fields, as an operator does with an editor. */
  async edit(changes: Policy): Promise<void> {
    this.#policy = { ...this.#policy, ...changes };
    await writeFile(this.#file, `${JSON.stringify(this.#policy, null, 2)}\n`);
  }

  /** Removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
