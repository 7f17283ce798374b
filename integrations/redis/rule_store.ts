import type { Fault } from "../../src/check/fault.ts";
import type { ConfigEntry, ConfigUpdate } from "../../src/provider/backend.ts";
import { type LimitRule, parseRuleText } from "./limit_rule.ts";

/** A rule document of the backend: its last good version, and the newer one if that was refused. */
export interface RuleDocument {
  /** The rule's name. */
  readonly name: string;
  /** Where it stands in the backend. */
  readonly source: string;
  /** Which version was read last. */
  readonly revision: string;
  /** The last good version, which is in force; `undefined`: there was none yet. */
  readonly rule: Readonly<LimitRule> | undefined;
  /** What is wrong with the version read last; `undefined`: nothing. */
  readonly faults: readonly Fault[] | undefined;
}

interface LayeredDocument extends RuleDocument {
  readonly layer: number;
}

/** Every rule document that was read. An invalid one is refused whole and leaves the last good one in force. */
export class RuleStore {
  readonly #bySource = new Map<string, LayeredDocument>();

  /** All documents. */
  documents(): Iterable<RuleDocument> {
    return this.#bySource.values();
  }

  /** The rules in force by name; of several with one name that of the lowest layer. */
  rules(): Map<string, Readonly<LimitRule>> {
    const rules = new Map<string, Readonly<LimitRule>>();
    const byLayer = [...this.#bySource.values()].sort((a, b) => b.layer - a.layer);
    for (const { name, rule } of byLayer) if (rule !== undefined) rules.set(name, rule);
    return rules;
  }

  /** Takes in what a backend says, and returns the documents that came into force or were refused, as they are now. */
  apply(update: ConfigUpdate): RuleDocument[] {
    const entries = (update.kind === "snapshot" ? update.snapshot.entries : update.changed)
      .filter(({ kind }) => kind === "policy");
    for (const source of this.#goneWith(update, entries)) this.#bySource.delete(source);
    const documents: RuleDocument[] = [];
    for (const entry of entries) {
      const known = this.#bySource.get(entry.source);
      if (known?.revision === entry.revision) continue;
      const document = readDocument(known, entry);
      this.#bySource.set(entry.source, document);
      documents.push(document);
    }
    return documents;
  }

  #goneWith(update: ConfigUpdate, entries: readonly ConfigEntry[]): string[] {
    if (update.kind === "changes") {
      return update.removed.map(({ source }) => source);
    }
    if (update.snapshot.incomplete !== undefined) return [];
    const present = new Set(entries.map(({ source }) => source));
    return [...this.#bySource.keys()].filter((source) => !present.has(source));
  }
}

function readDocument(
  before: RuleDocument | undefined,
  { name, source, revision, text, layer = 0 }: ConfigEntry,
): LayeredDocument {
  const result = parseRuleText(text);
  const identity = { name, source, revision, layer };
  return result.ok
    ? { ...identity, rule: result.rule, faults: undefined }
    : { ...identity, rule: before?.rule, faults: result.faults };
}
