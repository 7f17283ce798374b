import type { Policy } from "../../policy/policy.ts";
import { resolvePolicy } from "../../policy/resolve_policy.ts";
import type { Nanos } from "../../time/timeline.ts";
import { type CompiledPolicy, compilePolicy } from "./compiled_policy.ts";

/**
 * One version of the default policy that many breakers follow. Versions form a
 * chain: a breaker holds the one that it obeys and finds the later ones by
 * itself when somebody looks at it, so that a change costs the same however
 * many breakers follow, and versions that nobody holds any more are collected.
 */
export class PolicyVersion {
  /** What the version consists of, lowest precedence first. */
  readonly documents: readonly Policy[];
  /** The version for a breaker that has no document of its own. */
  readonly compiled: CompiledPolicy;
  /** When it came into force. */
  readonly since: Nanos;
  /** The version after it. */
  next: PolicyVersion | undefined;

  /** Creates a version in force since `since`. */
  constructor(documents: readonly Policy[], since: Nanos) {
    this.documents = documents;
    this.compiled = compilePolicy(resolvePolicy(...documents));
    this.since = since;
  }

  /** The policy of a breaker that has the document `own`. */
  compiledFor(own: Policy | undefined): CompiledPolicy {
    return own === undefined ? this.compiled : compilePolicy(resolvePolicy(...this.documents, own));
  }
}
