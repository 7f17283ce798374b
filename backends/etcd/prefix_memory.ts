import { rawKey } from "../../etcd/key_range.ts";
import type { Listing } from "../../etcd/session.ts";
import { type HeldKey, holdKey } from "./held_key.ts";
import type { KeySpace } from "./keys.ts";

/** How many names a message lists. */
const MAX_NAMED = 5;

/**
 * What outlives a watch: which cluster it was, how far it had come and what it held. A
 * cluster with another id, with a lower revision, or in which a document is older than it was,
 * was wiped or restored. What it lacks is then kept until it turns up again or {@linkcode adopt} is called.
 */
export class PrefixMemory {
  readonly #keys: KeySpace;
  readonly #listeners = new Set<() => void>();
  #clusterId: string | undefined;
  #revision = 0;
  #held: ReadonlyMap<string, HeldKey> = new Map();
  #era = 0;
  #reason = "";
  /** Sources of the former cluster that the present one has never had. */
  #missing = new Set<string>();
  /** Sources that the present cluster has had, kept while there are missing ones. */
  readonly #seen = new Set<string>();

  /** Creates the memory of one prefix. */
  constructor(keys: KeySpace) {
    this.#keys = keys;
  }

  /** The highest revision that was seen. */
  get revision(): number {
    return this.#revision;
  }

  /** How often the cluster was found to be another. */
  get era(): number {
    return this.#era;
  }

  /** What is kept although it is not there, and why, for people; `undefined`: nothing. */
  get incomplete(): string | undefined {
    if (this.#missing.size === 0) return undefined;
    const named = [...this.#missing].slice(0, MAX_NAMED).join(", ");
    const more = this.#missing.size > MAX_NAMED ? ", …" : "";
    return `${this.#reason}: it was wiped or restored, and the ${this.#missing.size} document(s) ` +
      `that it lacks stay in force until they are written again or adopt() is called: ${named}${more}`;
  }

  /** Sources that the present cluster has had, while something is missing from it. */
  get seen(): ReadonlySet<string> {
    return this.#seen;
  }

  /** Takes note that the cluster has come to `revision`. */
  reached(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
  }

  /** Compares a list with what is remembered; `floor` is the revision that was known before it was asked for. */
  judge(listing: Listing, floor: number): void {
    const present = new Set(
      listing.kvs.flatMap(({ key }) => this.#keys.meaningOf(key)?.source ?? []),
    );
    const reason = this.#difference(listing, floor);
    if (reason !== undefined) {
      for (const { entry } of this.#held.values()) {
        if (entry !== undefined) this.#missing.add(entry.source);
      }
      this.#seen.clear();
      this.#held = new Map();
      this.#era++;
      this.#reason = reason;
      this.#revision = 0;
    }
    this.#clusterId = listing.clusterId;
    this.reached(listing.revision);
    for (const source of present) this.has(source);
  }

  /** Remembers what is held from now on, changes to it included. */
  keep(held: ReadonlyMap<string, HeldKey>): void {
    this.#held = held;
  }

  /** Takes note that the present cluster has a document; `true` if with it nothing is missing any more. */
  has(source: string): boolean {
    if (this.#missing.size === 0) return false;
    this.#seen.add(source);
    if (!this.#missing.delete(source) || this.#missing.size > 0) return false;
    this.#seen.clear();
    return true;
  }

  /** Gives up what is missing. */
  adopt(): void {
    this.#missing.clear();
    this.#seen.clear();
    for (const listener of [...this.#listeners]) listener();
  }

  /** Calls `listener` when what is missing is given up; returns what ends that. */
  onAdopt(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #difference({ clusterId, revision, kvs }: Listing, floor: number): string | undefined {
    if (this.#clusterId === undefined) return undefined;
    if (clusterId !== this.#clusterId) {
      return `the cluster's id changed from ${this.#clusterId} to ${clusterId}`;
    }
    if (revision < floor) {
      return `the cluster's revision fell from ${floor} to ${revision}`;
    }
    for (const kv of kvs) {
      const before = this.#held.get(rawKey(kv.key));
      // Another watch of ours may know of a newer write than this list.
      if (before === undefined || before.modRevision > floor) continue;
      const source = before.entry?.source ?? "a key";
      if (kv.modRevision < before.modRevision) {
        return `${source} went back from revision ${before.modRevision} to ${kv.modRevision}`;
      }
      if (kv.modRevision > before.modRevision) continue;
      if (holdKey(kv, this.#keys, this.#era).entry?.text !== before.entry?.text) {
        return `${source} holds another text at the same revision ${kv.modRevision}`;
      }
    }
    return undefined;
  }
}
