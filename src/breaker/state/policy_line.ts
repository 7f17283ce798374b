import type { Policy } from "../../policy/policy.ts";
import { resolvePolicy } from "../../policy/resolve_policy.ts";
import type { Nanos } from "../../time/timeline.ts";
import { type CompiledPolicy, compilePolicy } from "./compiled_policy.ts";

/** What comes after a version that many breakers follow: another one for all, or for each by its name. */
export interface PolicyStep {
  /** When it came into force. */
  readonly since: Nanos;
  /** The version that the breaker of a name follows from then on. */
  versionFor(breaker: string): PolicyVersion;
}

/**
 * One version of a policy that many breakers follow: the default, or that of a
 * group. Versions form a chain: a breaker holds the one that it obeys and finds
 * the later ones by itself when somebody looks at it, so that a change costs
 * the same however many breakers follow, and versions that nobody holds any
 * more are collected.
 */
export class PolicyVersion implements PolicyStep {
  /** What the version consists of, lowest precedence first. */
  readonly documents: readonly Policy[];
  /** The version for a breaker that has no document of its own. */
  readonly compiled: CompiledPolicy;
  /** When it came into force. */
  readonly since: Nanos;
  /** What comes after it. */
  next: PolicyStep | undefined;

  /** Creates a version in force since `since`. */
  constructor(
    documents: readonly Policy[],
    since: Nanos,
    compiled: CompiledPolicy = compilePolicy(resolvePolicy(...documents)),
  ) {
    this.documents = documents;
    this.compiled = compiled;
    this.since = since;
  }

  /** The version itself: it is for all that follow. */
  versionFor(_breaker: string): PolicyVersion {
    return this;
  }

  /** The same policy as a version of its own, which something else may come after. */
  again(since: Nanos): PolicyVersion {
    return new PolicyVersion(this.documents, since, this.compiled);
  }

  /** The policy of a breaker that has the document `own`. */
  compiledFor(own: Policy | undefined): CompiledPolicy {
    return own === undefined ? this.compiled : compilePolicy(resolvePolicy(...this.documents, own));
  }
}
