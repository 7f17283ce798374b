import type { Breaker } from "../breaker/breaker.ts";
import type { PolicyVersion } from "../breaker/policy_line.ts";
import { describeError } from "../errors.ts";
import { policyWarnings } from "../policy/warnings.ts";
import type { ConfigBackend } from "./backend.ts";
import { policiesOf, type PolicyDocument } from "./document.ts";
import type { DocumentStore } from "./document_store.ts";
import type { Feed } from "./feed.ts";
import type { BackendStatus, BreakerStatus, DocumentStatus, ProviderStatus } from "./status.ts";

/** What a status is made of. */
export interface StatusSources {
  readonly service: string;
  readonly origin: ProviderStatus["origin"];
  readonly backend: ConfigBackend;
  readonly feed: Feed;
  /** Milliseconds of the feed's clock. */
  readonly now: number;
  readonly store: DocumentStore;
  readonly breakers: Iterable<Breaker>;
  readonly version: PolicyVersion;
  readonly lastKnownGoodError: unknown;
}

const DEFAULT = "default";

/** Puts a provider's status together. */
export function composeStatus(sources: StatusSources): ProviderStatus {
  const { service, origin, store, breakers, version, lastKnownGoodError } = sources;
  const documents = [...store.documents()];
  const refused = new Map(
    documents.filter((document) => document.kind === "policy" && document.refused !== undefined)
      .map((document) => [document.name, document.source]),
  );
  return {
    service,
    origin,
    backend: backendStatus(sources),
    documents: documents.map((document) => documentStatus(document, version)),
    breakers: [...breakers].map((breaker) =>
      breakerStatus(breaker, store, refused.get(breaker.name))
    ),
    warnings: policyWarnings(version.compiled.effective),
    ...(lastKnownGoodError !== undefined && {
      lastKnownGoodError: describeError(lastKnownGoodError),
    }),
  };
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
    ...(lastError !== undefined && { lastError: describeError(lastError) }),
  };
}

function documentStatus(document: PolicyDocument, version: PolicyVersion): DocumentStatus {
  const { source, kind, name, layer, good, refused } = document;
  return {
    source,
    kind,
    name,
    layer,
    inForce: good === undefined ? null : { revision: good.revision, from: good.from },
    refused: refused ?? null,
    warnings: [...policiesOf(document)].flatMap(([breaker, policy]) => {
      const own = breaker === DEFAULT ? undefined : policy;
      const warnings = policyWarnings(version.compiledFor(own).effective);
      return kind === "policy" ? warnings : warnings.map((warning) => `${breaker}: ${warning}`);
    }),
  };
}

function breakerStatus(
  breaker: Breaker,
  store: DocumentStore,
  refused: string | undefined,
): BreakerStatus {
  const { name, policy } = breaker;
  const { state, mode, trip, open, halfOpen } = breaker.snapshot();
  const deciding = name === DEFAULT ? [] : [store.deciding(name)];
  const sources = [...deciding, store.deciding(DEFAULT)].flatMap((document) =>
    document?.good === undefined
      ? []
      : [{ source: document.source, revision: document.good.revision }]
  );
  const since = open ?? halfOpen;
  const peek = breaker.peek();
  const retryAfterMs = peek.admitted ? undefined : peek.retryAfterMs;
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
    ...(trip !== undefined && { trip }),
    ...(refused !== undefined && { refused }),
  };
}
