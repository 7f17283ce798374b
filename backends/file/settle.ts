import type { PolicyFile } from "./policy_file.ts";

/** What the folder holds as far as it is certain. */
export interface SettledFiles {
  /** The files, by file name. */
  readonly files: ReadonlyMap<string, PolicyFile>;
  /**
   * The files among them that the newest scan did not find or could not read,
   * each with the time in milliseconds when that was first so.
   */
  readonly suspects: ReadonlyMap<string, number>;
}

/**
 * Joins a new scan to what was certain before. Whatever appears or changes is
 * certain at once. A file that is missing, or that can no longer be read, may
 * be in the middle of being replaced: it stays as it was until it has been missing for
 * `confirmMs` milliseconds.
 */
export function settle(
  former: SettledFiles,
  scanned: ReadonlyMap<string, PolicyFile>,
  nowMs: number,
  confirmMs: number,
): SettledFiles {
  const files = new Map(scanned);
  const suspects = new Map<string, number>();
  for (const [fileName, file] of former.files) {
    if (!isWorse(scanned.get(fileName), file)) continue;
    const sinceMs = former.suspects.get(fileName) ?? nowMs;
    if (nowMs - sinceMs >= confirmMs) continue;
    files.set(fileName, file);
    suspects.set(fileName, sinceMs);
  }
  return { files, suspects };
}

function isWorse(found: PolicyFile | undefined, former: PolicyFile): boolean {
  if (found === undefined) return true;
  return found.unreadable !== undefined && former.unreadable === undefined;
}
