import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { COLLECTION_FILE, isPolicyFile, policyFileName } from "../backends/file/file_names.ts";
import { fileOfEachBreaker } from "../backends/file/folder_state.ts";
import { groupAbove, groupsIn, scopeOf } from "../src/policy/document_name.ts";
import { DEFAULT_NAME, type NameGroups } from "../src/policy/name_group.ts";
import type { Policy } from "../src/policy/policy.ts";
import { readDocument } from "./policy_documents.ts";

/** A policy that others inherit, and where it stands. */
export interface SharedPolicy {
  readonly name: string;
  readonly policy: Policy;
  readonly file: string;
}

/** What the policies of one folder inherit from each other: the default, and those of groups. */
export class Heritage {
  readonly #shared: ReadonlyMap<string, SharedPolicy>;
  readonly #groups: NameGroups;

  /** Creates the heritage that the given policies are. */
  constructor(shared: Iterable<SharedPolicy> = []) {
    this.#shared = new Map(Array.from(shared, (policy) => [policy.name, policy]));
    this.#groups = groupsIn(this.#shared.keys());
  }

  /**
   * What a document in the folder of `file` inherits: from documents of their
   * own, else from entries of `breakers.json` there. One that cannot be read or
   * has faults counts as absent.
   */
  static async beside(file: string): Promise<Heritage> {
    const folder = dirname(file);
    const shared = new Map<string, SharedPolicy>();
    for (const [name, fileName] of fileOfEachBreaker(await policyFilesIn(folder))) {
      if (!isShared(name)) continue;
      const document = await readDocument(join(folder, fileName));
      const policy = "policies" in document ? document.policies.get(name) : undefined;
      if (policy !== undefined) shared.set(name, { name, policy, file: join(folder, fileName) });
    }
    const collection = await readDocument(join(folder, COLLECTION_FILE));
    for (const [name, policy] of "policies" in collection ? collection.policies : []) {
      if (!isShared(name) || shared.has(name)) continue;
      shared.set(name, { name, policy, file: join(folder, COLLECTION_FILE) });
    }
    return new Heritage(shared.values());
  }

  /** The same with another default policy. */
  withDefault(policy: Policy, file: string): Heritage {
    return new Heritage([...this.#shared.values(), { name: DEFAULT_NAME, policy, file }]);
  }

  /** The default policy, if there is one. */
  get fallback(): SharedPolicy | undefined {
    return this.#shared.get(DEFAULT_NAME);
  }

  /** What the policy of a name inherits, that of the lowest precedence first. */
  above(name: string): readonly SharedPolicy[] {
    if (name === DEFAULT_NAME) return [];
    const group = groupAbove(name, this.#groups);
    return [this.fallback, group && this.#shared.get(group.name)]
      .filter((policy) => policy !== undefined);
  }
}

function isShared(name: string): boolean {
  return name === DEFAULT_NAME || scopeOf(name).kind === "group";
}

/** The files of a folder that hold a policy each; of one that cannot be listed, that of the default. */
async function policyFilesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter(isPolicyFile).sort();
  } catch {
    return [policyFileName(DEFAULT_NAME)];
  }
}
