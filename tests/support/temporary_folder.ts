import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own for one test, with an inner one to serve as a backend's root. */
export class TemporaryFolder implements AsyncDisposable {
  /** The outer folder. */
  readonly outer: string;
  /** The inner folder, `policies`. */
  readonly policies: string;

  private constructor(outer: string) {
    this.outer = outer;
    this.policies = join(outer, "policies");
  }

  static async create(): Promise<TemporaryFolder> {
    const folder = new TemporaryFolder(await mkdtemp(join(tmpdir(), "switchgear-")));
    await mkdir(folder.policies);
    return folder;
  }

  /** The path of a file in the inner folder. */
  path(fileName: string): string {
    return join(this.policies, fileName);
  }

  /** What stands in the outer folder. */
  async besides(): Promise<string[]> {
    return (await readdir(this.outer)).filter((name) => name !== "policies");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.outer, { recursive: true, force: true });
  }
}
