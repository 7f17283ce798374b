import { type Breaker, coreOf } from "../breaker/breaker.ts";
import { takeState } from "../breaker/snapshot/snapshot.ts";
import { describeError } from "../errors.ts";
import { documentNameOf, scopeOf } from "../policy/document_name.ts";
import { DEFAULT_NAME } from "../policy/name_group.ts";
import type { EffectivePolicy, Policy } from "../policy/policy.ts";
import { resolvePolicy } from "../policy/resolve_policy.ts";
import { policyWarnings } from "../policy/warnings.ts";
import type { ConfigBackend } from "./backend.ts";
import type { BreakerPolicies } from "./breaker_policies.ts";
import { policiesOf, type PolicyDocument } from "./document.ts";
import type { DocumentStore } from "./document_store.ts";
import type { Feed } from "./feed.ts";
import { hideSecrets } from "../check/hide_secrets.ts";
import type { BackendStatus, BreakerStatus, ConfigStatus, DocumentStatus } from "./status.ts";

/** What the status of policies and backend is made of. */
export interface StatusSources {
  readonly service: string;
  readonly origin: ConfigStatus["origin"];
  readonly backend: ConfigBackend;
  readonly feed: Feed;
  /** Milliseconds of the feed's clock. */
  readonly now: number;
  readonly store: DocumentStore;
  readonly policies: BreakerPolicies;
  readonly lastKnownGoodError: unknown;
}

/** Puts together how a provider's policies and their backend stand. */
export function composeConfigStatus(sources: StatusSources): ConfigStatus {
  const { service, origin, store, policies, lastKnownGoodError } = sources;
  return {
    service,
    origin,
    backend: backendStatus(sources),
    documents: [...store.documents()].map((document) => documentStatus(document, policies)),
    warnings: policyWarnings(policies.fallback.compiled.effective),
    ...(lastKnownGoodError !== undefined && {
      lastKnownGoodError: hideSecrets(describeError(lastKnownGoodError)),
    }),
  };
}

/** Puts together how breakers stand. */
export function composeBreakerStatus(
  breakers: Iterable<Breaker>,
  store: DocumentStore,
): BreakerStatus[] {
  const refused = new Map(
    [...store.documents()].filter(({ kind, refused }) => kind === "policy" && refused !== undefined)
      .map((document) => [document.name, document.source]),
  );
  return Array.from(
    breakers,
    (breaker) => breakerStatus(breaker, store, refused.get(documentNameOf(breaker.name))),
  );
}

function backendStatus({ backend, feed, now }: StatusSources): BackendStatus {
  const { state, revision, updatedAt, unreachableSince, lastError, attempts, notes } = feed;
  return {
    description: backend.description,
    state,
    watches: backend.watches,
    attempts,
    notes,
    ...(revision !== undefined && { revision }),
    ...(updatedAt !== undefined && { updatedMsAgo: now - updatedAt }),
    ...(unreachableSince !== undefined && { unreachableForMs: now - unreachableSince }),
    ...(lastError !== undefined && { lastError: hideSecrets(describeError(lastError)) }),
  };
}

function documentStatus(document: PolicyDocument, policies: BreakerPolicies): DocumentStatus {
  const { source, kind, name, layer, good, refused } = document;
  return {
    source,
    kind,
    name,
    layer,
    inForce: good === undefined ? null : { revision: good.revision, from: good.from },
    refused: refused ?? null,
    warnings: [...policiesOf(document)].flatMap(([entry, policy]) => {
      const warnings = policyWarnings(mergedPolicy(entry, policy, policies));
      return kind === "policy" ? warnings : warnings.map((warning) => `${entry}: ${warning}`);
    }),
  };
}

/** A document's policy with what it inherits. */
function mergedPolicy(name: string, policy: Policy, policies: BreakerPolicies): EffectivePolicy {
  const { fallback } = policies;
  if (name === DEFAULT_NAME) return fallback.compiled.effective;
  const scope = scopeOf(name);
  const { documents } = scope.kind === "breaker" ? policies.versionFor(scope.breaker) : fallback;
  return resolvePolicy(...documents, policy);
}

function breakerStatus(
  breaker: Breaker,
  store: DocumentStore,
  refused: string | undefined,
): BreakerStatus {
  // Looks at the breaker. A whole snapshot would write out a window of up to 10,000,000 outcomes.
  const { name, policy } = breaker;
  const core = coreOf(breaker);
  const { state, mode, trip, open, halfOpen } = takeState(core, core.look());
  const group = store.groups().find(name);
  const levels = [
    ...(name === DEFAULT_NAME ? [] : [documentNameOf(name)]),
    ...(group === undefined ? [] : [group.name]),
    DEFAULT_NAME,
  ];
  const sources = levels.map((level) => store.deciding(level)).flatMap((document) =>
    document?.good === undefined
      ? []
      : [{ source: document.source, revision: document.good.revision }]
  );
  const since = open ?? halfOpen;
  const peek = breaker.peek();
  const retryAfterMs = peek.admitted ? undefined : peek.retryAfterMs;
  const { heldForMs } = peek;
  return {
    name,
    state,
    mode,
    counts: breaker.counts,
    policy,
    sources,
    warnings: policyWarnings(policy),
    ...(since !== undefined && { sinceMs: since.sinceMs }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(heldForMs !== undefined && { heldForMs }),
    ...(trip !== undefined && { trip }),
    ...(refused !== undefined && { refused }),
  };
}
