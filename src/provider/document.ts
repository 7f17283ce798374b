import type { Fault } from "../check/fault.ts";
import { ROOT_PATH } from "../check/json_path.ts";
import { nameFault } from "../policy/document_name.ts";
import { parseCollectionText, parsePolicyText } from "../policy/parse_policy.ts";
import type { Policy } from "../policy/policy.ts";
import type { ConfigEntry } from "./backend.ts";

/** A version of a document that was accepted. */
export interface GoodVersion {
  /** The text, as it stood in the backend. */
  readonly text: string;
  /** Which version of the document. */
  readonly revision: string;
  /** The policies in it by name; one, unless it is a collection. */
  readonly policies: ReadonlyMap<string, Policy>;
  /** Where it was read. */
  readonly from: "backend" | "last-known-good";
}

/** A version of a document that was refused. */
export interface RefusedVersion {
  /** Which version of the document. */
  readonly revision: string;
  /** Everything that is wrong with it. */
  readonly faults: readonly Fault[];
}

/** A document of the backend: its last good version, and the newer one if that was refused. */
export interface PolicyDocument {
  readonly kind: ConfigEntry["kind"];
  readonly name: string;
  readonly source: string;
  readonly layer: number;
  readonly good: GoodVersion | undefined;
  readonly refused: RefusedVersion | undefined;
}

const NO_POLICIES: ReadonlyMap<string, Policy> = new Map();

/** The policies that a document puts in force. */
export function policiesOf(document: PolicyDocument | undefined): ReadonlyMap<string, Policy> {
  return document?.good?.policies ?? NO_POLICIES;
}

/** The document after `entry` was read: an invalid one is refused whole and leaves the last good one in force. */
export function readDocument(
  before: PolicyDocument | undefined,
  entry: ConfigEntry,
  from: GoodVersion["from"],
): PolicyDocument {
  const { kind, name, source, layer = 0, revision, text } = entry;
  const parsed = policiesIn(entry);
  const identity = { kind, name, source, layer };
  if ("faults" in parsed) {
    return { ...identity, good: before?.good, refused: { revision, faults: parsed.faults } };
  }
  return {
    ...identity,
    good: { text, revision, policies: parsed.policies, from },
    // A newer version that was refused stays so, whatever the last good one was.
    refused: from === "last-known-good" ? before?.refused : undefined,
  };
}

function policiesIn(
  { kind, name, text }: ConfigEntry,
): { policies: ReadonlyMap<string, Policy> } | { faults: readonly Fault[] } {
  if (kind === "collection") return parseCollectionText(text);
  const result = parsePolicyText(text);
  const misnamed = nameFault(name, ROOT_PATH);
  if (misnamed !== undefined) return { faults: [misnamed, ...(result.ok ? [] : result.faults)] };
  return result.ok ? { policies: new Map([[name, result.policy]]) } : result;
}
