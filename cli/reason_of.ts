const REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "no such file or folder"],
  ["EACCES", "not permitted"],
  ["EPERM", "not permitted"],
  ["EROFS", "the file system is read-only"],
  ["ENOSPC", "no space is left on the device"],
  ["EISDIR", "it is a folder"],
  ["ENOTDIR", "a part of the path is not a folder"],
]);

/** Why a file or folder could not be used, for people. */
export function reasonOf(error: unknown): string {
  return plainReasonOf(error) ?? (error instanceof Error ? error.message : String(error));
}

/** The same without any path; `undefined`: there are no words for it. */
export function plainReasonOf(error: unknown): string | undefined {
  const hasCode = error instanceof Error && "code" in error && typeof error.code === "string";
  return hasCode ? REASONS.get(String(error.code)) : undefined;
}
