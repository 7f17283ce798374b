import { scopeOf } from "../policy/document_name.ts";
import { type NameGroup, NameGroups } from "../policy/name_group.ts";
import type { Policy } from "../policy/policy.ts";
import type { ConfigEntry, ConfigUpdate } from "./backend.ts";
import { type GoodVersion, policiesOf, type PolicyDocument, readDocument } from "./document.ts";

/** What an update did. */
export interface StoreChange {
  /** Names whose policy is another now: of breakers, of groups, and `default`. */
  readonly names: ReadonlySet<string>;
  /** Documents that came into force or were refused, as they are now. */
  readonly documents: readonly PolicyDocument[];
  /** Sources that are gone. */
  readonly removed: readonly string[];
}

/**
 * Every document that was read, and from them the policy of each name, be it a
 * breaker's, a group's or `default`: the one in the lowest layer wins, and
 * within a layer a document of its own wins over the collection. A document
 * without a good version counts as absent.
 */
export class DocumentStore {
  readonly #bySource = new Map<string, PolicyDocument>();
  /** The documents that have a policy of a name, the deciding one first. */
  readonly #byName = new Map<string, PolicyDocument[]>();
  /** The groups among those names. */
  readonly #groups = new Map<string, NameGroup>();
  /** The same in order; `undefined`: they have changed since. */
  #ordered: NameGroups | undefined;

  /** All documents. */
  documents(): Iterable<PolicyDocument> {
    return this.#bySource.values();
  }

  /** The groups that have a policy. */
  groups(): NameGroups {
    return this.#ordered ??= new NameGroups(this.#groups.values());
  }

  /** The document that decides the policy of a name. */
  deciding(name: string): PolicyDocument | undefined {
    return this.#byName.get(name)?.[0];
  }

  /** The policy of a name; `undefined`: it has none. */
  policy(name: string): Policy | undefined {
    return policiesOf(this.deciding(name)).get(name);
  }

  /** Takes in what a backend, or the last known good state, says. */
  apply(update: ConfigUpdate, from: GoodVersion["from"] = "backend"): StoreChange {
    const entries = update.kind === "snapshot" ? update.snapshot.entries : update.changed;
    const removed = update.kind === "snapshot"
      ? update.snapshot.incomplete === undefined ? this.#missingFrom(entries) : []
      : update.removed.map(({ source }) => source).filter((source) => this.#bySource.has(source));
    const before = new Map<string, Policy | undefined>();
    const documents: PolicyDocument[] = [];
    // All is read before anything is replaced: an update that cannot be read changes nothing.
    for (const entry of entries) {
      const known = this.#bySource.get(entry.source);
      if (known !== undefined && isKnown(known, entry, from)) continue;
      documents.push(readDocument(known, entry, from));
    }
    for (const source of removed) this.#replace(source, undefined, before);
    for (const document of documents) this.#replace(document.source, document, before);
    const names = new Set<string>();
    for (const [name, policy] of before) {
      if (JSON.stringify(policy) !== JSON.stringify(this.policy(name))) names.add(name);
    }
    return { names, documents, removed };
  }

  /**
   * Takes in the last known good state: for documents that have no good version,
   * and, unless the backend was read, for those that are not there at all.
   */
  fillIn(entries: readonly ConfigEntry[], isRead: boolean): StoreChange {
    const changed = entries.filter(({ source }) => {
      const known = this.#bySource.get(source);
      return known === undefined ? !isRead : known.good === undefined;
    });
    const update: ConfigUpdate = { kind: "changes", changed, removed: [], revision: "" };
    return this.apply(update, "last-known-good");
  }

  #missingFrom(entries: readonly ConfigEntry[]): string[] {
    const present = new Set(entries.map(({ source }) => source));
    return [...this.#bySource.keys()].filter((source) => !present.has(source));
  }

  /** Replaces a document, and notes in `before` the policies that may change by it. */
  #replace(
    source: string,
    document: PolicyDocument | undefined,
    before: Map<string, Policy | undefined>,
  ): void {
    const old = this.#bySource.get(source);
    const names = new Set([...policiesOf(old).keys(), ...policiesOf(document).keys()]);
    for (const name of names) {
      if (!before.has(name)) before.set(name, this.policy(name));
      const others = (this.#byName.get(name) ?? []).filter((other) => other.source !== source);
      if (document !== undefined && policiesOf(document).has(name)) others.push(document);
      if (others.length === 0) this.#byName.delete(name);
      else this.#byName.set(name, others.sort(byPrecedence));
      this.#noteGroup(name);
    }
    if (document === undefined) this.#bySource.delete(source);
    else this.#bySource.set(source, document);
  }

  #noteGroup(name: string): void {
    const isHeld = this.#byName.has(name);
    if (isHeld === this.#groups.has(name)) return;
    const scope = scopeOf(name);
    if (scope.kind !== "group") return;
    if (isHeld) this.#groups.set(name, scope.group);
    else this.#groups.delete(name);
    this.#ordered = undefined;
  }
}

/** Whether this version of a document was read before. */
function isKnown(
  { refused, good }: PolicyDocument,
  { revision }: ConfigEntry,
  from: GoodVersion["from"],
): boolean {
  if (from === "last-known-good") return false;
  const newest = refused ?? (good?.from === from ? good : undefined);
  return newest?.revision === revision;
}

function byPrecedence(a: PolicyDocument, b: PolicyDocument): number {
  if (a.layer !== b.layer) return a.layer - b.layer;
  return Number(a.kind === "collection") - Number(b.kind === "collection");
}
