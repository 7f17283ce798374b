import { join } from "node:path";
import type {
  ConfigEntry,
  ConfigRemoval,
  ConfigSnapshot,
  ConfigUpdate,
} from "../../src/provider/backend.ts";
import { contentRevision } from "../content_revision.ts";
import { breakerOfFile, COLLECTION_FILE, policyFileName } from "./file_names.ts";
import type { PolicyFile } from "./policy_file.ts";

/** What the files of a folder say as documents. */
export interface FolderState {
  /** The documents, by source. */
  readonly entries: ReadonlyMap<string, ConfigEntry>;
  /** What a person should know. */
  readonly notes: readonly string[];
}

/**
 * Reads the documents out of the files of `folder`. Of several files that spell
 * the same breaker's name the canonical one counts, else the first by name, and a
 * note says so.
 */
export function folderState(
  folder: string,
  files: ReadonlyMap<string, PolicyFile>,
  notes: readonly string[] = [],
): FolderState {
  const entries = new Map<string, ConfigEntry>();
  const found = [...notes];
  const documents = [...files].sort(([a], [b]) => a < b ? -1 : 1);
  const winners = fileOfEachBreaker(documents.map(([fileName]) => fileName));
  for (const [fileName, { text, revision, unreadable }] of documents) {
    const source = join(folder, fileName);
    const collection = fileName === COLLECTION_FILE;
    const name = collection ? "breakers" : breakerOfFile(fileName);
    const winner = winners.get(name);
    if (!collection && winner !== undefined && winner !== fileName) {
      found.push(`"${source}" is ignored: "${winner}" spells the same breaker's name`);
      continue;
    }
    if (unreadable !== undefined) found.push(`"${source}" was not read: ${unreadable}`);
    entries.set(source, {
      kind: collection ? "collection" : "policy",
      name,
      source,
      text,
      revision,
    });
  }
  return { entries, notes: found };
}

/** Which file counts for each breaker, out of the sorted `fileNames`. */
export function fileOfEachBreaker(fileNames: readonly string[]): ReadonlyMap<string, string> {
  const winners = new Map<string, string>();
  for (const fileName of fileNames) {
    if (fileName === COLLECTION_FILE) continue;
    const name = breakerOfFile(fileName);
    if (!winners.has(name) || fileName === policyFileName(name)) winners.set(name, fileName);
  }
  return winners;
}

/** The state as a backend hands it out. */
export function snapshotOf({ entries, notes }: FolderState): ConfigSnapshot {
  return { entries: [...entries.values()], revision: revisionOf(entries), notes };
}

/**
 * What to yield after `former` has become `next`: nothing, what changed, or,
 * first of all and where the notes changed too, the whole.
 */
export function updateBetween(
  former: FolderState | undefined,
  next: FolderState,
): ConfigUpdate | undefined {
  if (former === undefined || former.notes.join("\n") !== next.notes.join("\n")) {
    return { kind: "snapshot", snapshot: snapshotOf(next) };
  }
  const changed = [...next.entries.values()].filter((entry) =>
    former.entries.get(entry.source)?.revision !== entry.revision
  );
  const removed: ConfigRemoval[] = [...former.entries.keys()]
    .filter((source) => !next.entries.has(source))
    .map((source) => ({ source }));
  if (changed.length === 0 && removed.length === 0) return undefined;
  return { kind: "changes", changed, removed, revision: revisionOf(next.entries) };
}

function revisionOf(entries: ReadonlyMap<string, ConfigEntry>): string {
  return contentRevision(
    JSON.stringify([...entries].map(([source, { revision }]) => [source, revision])),
  );
}
