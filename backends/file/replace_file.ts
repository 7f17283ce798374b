import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What {@linkcode replaceFile} takes. */
export interface ReplaceFileOptions {
  /** The permission bits of the file; left out, those that the process gives new files. */
  readonly mode?: number;
  /** Is called when all is ready; the file stays as it was if it throws. */
  readonly beforeRename?: () => Promise<void>;
}

/**
 * Puts a file in the place of the one at `path`, so that whoever reads it sees
 * the old one or the new one, whole, also after a crash. It is written under a hidden
 * name in the same folder, flushed to the disk, and renamed.
 */
export async function replaceFile(
  path: string,
  content: Uint8Array,
  { mode, beforeRename }: ReplaceFileOptions = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${crypto.randomUUID()}.tmp`);
  const file = await open(temporary, "wx", mode);
  try {
    try {
      if (mode !== undefined) await file.chmod(mode);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await beforeRename?.();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
