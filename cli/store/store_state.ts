import type { Fault } from "../../src/check/fault.ts";
import { groupAbove, groupsIn, scopeOf } from "../../src/policy/document_name.ts";
import { DEFAULT_NAME, type NameGroups } from "../../src/policy/name_group.ts";
import type { EffectivePolicy, Policy } from "../../src/policy/policy.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";
import { policyWarnings } from "../../src/policy/warnings.ts";
import { policiesOf, type PolicyDocument, readDocument } from "../../src/provider/document.ts";
import type { PolicyStore } from "./policy_store.ts";

/** A policy as it stands in the store. */
export interface HeldPolicy {
  /** Its name: a breaker's, a group's such as `tenant-*`, or `default`. */
  readonly name: string;
  /** Where it stands. */
  readonly source: string;
  /** Which version of the document that it stands in. */
  readonly revision: string;
  /** Whether that is a document of its own, or `breakers.json`. */
  readonly kind: "policy" | "collection";
  /** What stands there. */
  readonly text: string;
  /** The policy; `undefined`: it is invalid. */
  readonly policy: Policy | undefined;
  /** Everything that is wrong with it. */
  readonly faults: readonly Fault[];
}

/** A policy that others inherit. */
export interface Level {
  /** Its name; `undefined`: it is the environment's. */
  readonly name: string | undefined;
  /** Where it stands. */
  readonly origin: string;
  readonly policy: Policy;
}

/** Every policy of a store at one moment. */
export class StoreState {
  readonly #environment: Policy;
  readonly #held = new Map<string, HeldPolicy>();
  readonly #hidden = new Set<string>();
  readonly #groups: NameGroups;
  /** The collection, if it is invalid: none of its policies is known. */
  readonly refusedCollection: PolicyDocument | undefined;
  /** What the backend says of its state. */
  readonly notes: readonly string[];

  private constructor(
    { policy }: PolicyStore["environment"],
    documents: readonly (readonly [text: string, document: PolicyDocument])[],
    notes: readonly string[],
  ) {
    this.#environment = policy;
    this.notes = notes;
    for (const [text, document] of documents) {
      if (document.kind === "policy") this.#held.set(document.name, heldDocument(document, text));
    }
    for (const [, document] of documents) {
      if (document.kind === "policy") continue;
      if (document.refused !== undefined) this.refusedCollection = document;
      for (const [name, policy] of policiesOf(document)) {
        if (this.#held.has(name)) this.#hidden.add(name);
        else this.#held.set(name, heldEntry(document, name, policy));
      }
    }
    const valid = [...this.#held.values()].filter(({ policy }) => policy !== undefined);
    this.#groups = groupsIn(valid.map(({ name }) => name));
  }

  /**
   * Reads the state of a store.
   *
   * @throws {BackendError} If the backend cannot be read.
   */
  static async read({ backend, prefix, environment }: PolicyStore): Promise<StoreState> {
    const { entries, notes = [], incomplete } = await backend.read(prefix);
    const documents = entries.map((entry) =>
      [entry.text, readDocument(undefined, entry, "backend")] as const
    );
    const all = incomplete === undefined ? notes : [incomplete, ...notes];
    return new StoreState(environment, documents, all);
  }

  /** Every policy, by name. */
  policies(): HeldPolicy[] {
    return [...this.#held.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /** The policy of a name; `undefined`: there is none. */
  find(name: string): HeldPolicy | undefined {
    return this.#held.get(name);
  }

  /** Whether `breakers.json` has an entry that a document of its own hides. */
  hidesEntry(name: string): boolean {
    return this.#hidden.has(name);
  }

  /** The group that the policy of a name inherits from. */
  groupOf(name: string): string | undefined {
    return name === DEFAULT_NAME ? undefined : groupAbove(name, this.#groups)?.name;
  }

  /** What the policy of a name inherits, the environment's default first. */
  levels(name: string): readonly Level[] {
    const inherited = name === DEFAULT_NAME ? [] : [DEFAULT_NAME, this.groupOf(name)];
    const held = inherited.flatMap((level) => level === undefined ? [] : this.find(level) ?? []);
    return [
      { name: undefined, origin: "environment", policy: this.#environment },
      ...held.map(({ name, source, policy = {} }) => ({ name, origin: source, policy })),
    ];
  }

  /** What is in force by the name of a breaker, group or default, were `own` its policy. */
  effective(name: string, own: Policy | undefined = this.find(name)?.policy): EffectivePolicy {
    return resolvePolicy(...this.levels(name).map(({ policy }) => policy), own ?? {});
  }

  /** What in a policy, merged, can never act. */
  warnings(name: string, own?: Policy): readonly string[] {
    return policyWarnings(this.effective(name, own));
  }

  /** What a person should know who looks at merged policies: that a part of them is not known. */
  doubts(): string[] {
    const doubts = [];
    if (this.find(DEFAULT_NAME)?.policy === undefined && this.find(DEFAULT_NAME) !== undefined) {
      doubts.push("the policy default is invalid, so what is inherited from it is not known");
    }
    for (const { name, policy } of this.policies()) {
      if (policy !== undefined || scopeOf(name).kind !== "group") continue;
      doubts.push(`the group ${name} is invalid, so what its breakers inherit is not known`);
    }
    if (this.refusedCollection !== undefined) {
      doubts.push(`${this.refusedCollection.source} is invalid, so its policies are not known`);
    }
    return doubts;
  }
}

function heldDocument(document: PolicyDocument, text: string): HeldPolicy {
  const { kind, name, source, good, refused } = document;
  return {
    name,
    source,
    revision: good?.revision ?? refused?.revision ?? "",
    kind,
    text,
    policy: policiesOf(document).get(name),
    faults: refused?.faults ?? [],
  };
}

function heldEntry(document: PolicyDocument, name: string, policy: Policy): HeldPolicy {
  return {
    ...heldDocument(document, `${JSON.stringify(policy, undefined, 2)}\n`),
    name,
    policy,
  };
}
