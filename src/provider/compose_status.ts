import { type Breaker, coreOf } from "../breaker/breaker.ts";
import { takeState } from "../breaker/snapshot/snapshot.ts";
import type { PolicyVersion } from "../breaker/state/policy_line.ts";
import { describeError } from "../errors.ts";
import { policyWarnings } from "../policy/warnings.ts";
import type { ConfigBackend } from "./backend.ts";
import { policiesOf, type PolicyDocument } from "./document.ts";
import type { DocumentStore } from "./document_store.ts";
import type { Feed } from "./feed.ts";
import { hideSecrets } from "./hide_secrets.ts";
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
  readonly version: PolicyVersion;
  readonly lastKnownGoodError: unknown;
}

const DEFAULT = "default";

/** Puts together how a provider's policies and their backend stand. */
export function composeConfigStatus(sources: StatusSources): ConfigStatus {
  const { service, origin, store, version, lastKnownGoodError } = sources;
  return {
    service,
    origin,
    backend: backendStatus(sources),
    documents: [...store.documents()].map((document) => documentStatus(document, version)),
    warnings: policyWarnings(version.compiled.effective),
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
    (breaker) => breakerStatus(breaker, store, refused.get(breaker.name)),
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
  // Looks at the breaker. A whole snapshot would write out a window of up to 10,000,000 outcomes.
  const { name, policy } = breaker;
  const core = coreOf(breaker);
  const { state, mode, trip, open, halfOpen } = takeState(core, core.look());
  const deciding = name === DEFAULT ? [] : [store.deciding(name)];
  const sources = [...deciding, store.deciding(DEFAULT)].flatMap((document) =>
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
