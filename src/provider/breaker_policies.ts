import { type Breaker, coreOf } from "../breaker/breaker.ts";
import type { PolicyVersion } from "../breaker/state/policy_line.ts";
import { documentNameOf, scopeOf } from "../policy/document_name.ts";
import { DEFAULT_NAME } from "../policy/name_group.ts";
import type { Policy } from "../policy/policy.ts";
import type { InstantSource } from "../time/timeline.ts";
import type { DocumentStore } from "./document_store.ts";
import { SharedPolicies } from "./shared_policies.ts";

/** What the policies of a provider's breakers are made of. */
export interface PolicySources {
  /** What holds where no document says otherwise. */
  readonly environment: Policy;
  /** The documents, as they are now. */
  readonly store: DocumentStore;
  readonly timeline: InstantSource;
  /** The breaker of a name, if there is one. */
  readonly find: (name: string) => Breaker | undefined;
}

/** Which policy each breaker has, and how it gets another. */
export class BreakerPolicies {
  readonly #sources: PolicySources;
  #shared: SharedPolicies;

  /** Creates what holds before anything was read. */
  constructor(sources: PolicySources) {
    const { environment, store, timeline } = sources;
    this.#sources = sources;
    this.#shared = SharedPolicies.of(environment, store, timeline.now());
  }

  /** The default policy. */
  get fallback(): PolicyVersion {
    return this.#shared.fallback;
  }

  /** What the breaker of a name follows beneath a document of its own. */
  versionFor(breaker: string): PolicyVersion {
    return this.#shared.versionFor(breaker);
  }

  /** The policy of a breaker's own document. */
  own(breaker: string): Policy | undefined {
    if (breaker === DEFAULT_NAME) return undefined;
    return this.#sources.store.policy(documentNameOf(breaker));
  }

  /** Has the breakers follow the documents, of which those of `names` say something else now. */
  obey(names: ReadonlySet<string>): void {
    const { store, timeline, find } = this.#sources;
    const before = this.#shared;
    const breakers: Breaker[] = [];
    let isShared = names.has(DEFAULT_NAME);
    for (const name of names) {
      const scope = scopeOf(name);
      if (scope.kind === "group") isShared = true;
      if (scope.kind !== "breaker") continue;
      const breaker = find(scope.breaker);
      if (breaker !== undefined) breakers.push(breaker);
    }
    if (isShared) this.#shared = before.after({ store, names, since: timeline.now() });
    // Breakers with a document of their own are few. They take it together with
    // what they share, and before the others find that.
    for (const breaker of breakers) {
      const core = coreOf(breaker);
      const own = this.own(breaker.name);
      if (isShared) core.follow(this.versionFor(breaker.name), own);
      else core.setOwn(own);
    }
    before.lead(this.#shared);
  }
}
