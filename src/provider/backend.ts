/**
 * One document in a config backend: either one policy, or the collection
 * `breakers.json`, one object of name to policy.
 */
export interface ConfigEntry {
  /** What the document holds. */
  readonly kind: "policy" | "collection";
  /** The policy's name, decoded: a breaker's (a `*` in it doubled), a group's such as `tenant-*`, or `default`; for a collection its own name, `breakers`. */
  readonly name: string;
  /** Where it stands, for people and unique in the backend: a path, a key, a variable's name. Never a secret. */
  readonly source: string;
  /** The document as it stands there: JSON text, checked by whoever reads it. */
  readonly text: string;
  /** Identifies this version of the document; differs whenever `text` does. */
  readonly revision: string;
  /** Which layer of a layered backend it comes from, 0 first; a lower one wins. @default 0 */
  readonly layer?: number;
}

/** Everything under a prefix at one moment. */
export interface ConfigSnapshot {
  /** Every document, in no particular order, each `source` once. */
  readonly entries: readonly ConfigEntry[];
  /** Identifies this state of the whole. */
  readonly revision: string;
  /** What a person should know about the state that is no fault of a document: a file skipped, polling in place of watching. */
  readonly notes?: readonly string[];
  /**
   * Present where what is missing must not be taken for deleted, with the reason
   * for people: a cluster that was wiped or restored, say. The provider then
   * keeps the documents that are missing, and says so loudly.
   */
  readonly incomplete?: string;
}

/** A document that is gone, named by the `source` it had. */
export interface ConfigRemoval {
  /** The {@linkcode ConfigEntry.source} that no longer exists. */
  readonly source: string;
}

/**
 * What a watch yields: first always the whole state, then either what changed
 * since the update before it, or the whole state again.
 */
export type ConfigUpdate =
  | { readonly kind: "snapshot"; readonly snapshot: ConfigSnapshot }
  | {
    readonly kind: "changes";
    readonly changed: readonly ConfigEntry[];
    readonly removed: readonly ConfigRemoval[];
    readonly revision: string;
  };

/** What every request to a backend takes. */
export interface BackendRequest {
  /** Ends the request; its promise then rejects, or the watch returns, promptly. */
  readonly signal?: AbortSignal | undefined;
}

/** One thing that was looked at in a {@linkcode ConfigBackend.diagnose}. */
export interface Finding {
  /** What was looked at, in a few words: `endpoint https://etcd-1:2379`. */
  readonly subject: string;
  /** How it is: `warn` works but should be seen to, `fail` does not work. */
  readonly verdict: "ok" | "warn" | "fail";
  /** What was found, for people. Never a secret. */
  readonly detail: string;
}

/** A version of a document that a backend remembers. */
export interface ConfigVersion {
  /** Which version. */
  readonly revision: string;
  /** Its text; `undefined`: the document was deleted with this version. */
  readonly text: string | undefined;
}

/**
 * A place that policies are read from. An implementation does no retrying of
 * its own and keeps no policy: when it cannot go on it throws, and the
 * provider's feed keeps what was in force and calls again.
 */
export interface ConfigBackend {
  /** How it calls itself in messages and in the status, without credentials: `file(./policies)`. */
  readonly description: string;
  /** Whether changes are reported after the start; `false`: read once. */
  readonly watches: boolean;
  /**
   * Reads every document under `prefix`.
   *
   * @throws {BackendError} if the backend cannot be read.
   */
  read(prefix: string, request?: BackendRequest): Promise<ConfigSnapshot>;
  /**
   * Yields the whole state under `prefix`, then every change after it with no
   * gap between. It ends by throwing when the state can no longer be trusted to
   * be current, and returns when `signal` is aborted. Where `watches` is
   * `false` it yields once and returns.
   */
  watch(prefix: string, request?: BackendRequest): AsyncIterable<ConfigUpdate>;
  /** Looks at the backend itself for whoever is on call: health, permissions, versions. Absent: there is nothing to look at. */
  diagnose?(prefix: string, request?: BackendRequest): Promise<readonly Finding[]>;
}

/** A backend that policies can also be written to. */
export interface WritableConfigBackend extends ConfigBackend {
  /** Writes the policy document of `name`, whatever stood there, and returns its new revision. */
  put(prefix: string, name: string, text: string, request?: BackendRequest): Promise<string>;
  /** Deletes the policy document of `name`; `false` if there was none. */
  delete(prefix: string, name: string, request?: BackendRequest): Promise<boolean>;
  /**
   * Writes the policy document of `name` only if it is still at `revision`
   * (`undefined`: only if there is none), and returns the new revision, or
   * `undefined` if somebody else was first.
   */
  compareAndSet(
    prefix: string,
    name: string,
    text: string,
    revision: string | undefined,
    request?: BackendRequest,
  ): Promise<string | undefined>;
  /** The versions of the policy document of `name` that are remembered, newest first. Absent: none are. */
  history?(
    prefix: string,
    name: string,
    request?: BackendRequest,
  ): Promise<readonly ConfigVersion[]>;
}
