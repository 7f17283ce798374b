import { lstat, readFile, stat } from "node:fs/promises";
import { contentRevision } from "../content_revision.ts";
import { dateMs } from "./real_time.ts";
import { isMissing, messageOf } from "./system_errors.ts";

/** A file younger than this may be rewritten without a change of its times, which some file systems count in whole seconds. */
const RACY_MS = 2000;

/** What a file in the folder holds. */
export interface PolicyFile {
  /** The text; of a file that was not read, words that are no JSON and say why. */
  readonly text: string;
  /** Identifies the content. */
  readonly revision: string;
  /** Why it was not read, where it was not. */
  readonly unreadable?: string;
}

/** A file as it was read, and how to tell whether it has changed since. */
export interface FileReading {
  /** What was read. */
  readonly file: PolicyFile;
  /** Changes with the file; `undefined` where the next look must read again. */
  readonly fingerprint: string | undefined;
}

/** What {@linkcode readPolicyFile} takes. */
export interface ReadPolicyFileOptions {
  /** A larger file is not read. */
  readonly maxBytes: number;
  /** What the file was when it was last read. */
  readonly former?: FileReading | undefined;
  /** The time by the clock that dates files, in milliseconds. @default now */
  readonly nowMs?: number;
}

/**
 * Reads the file at `path`, or hands back `former` where it has not changed since.
 * Returns `undefined` if there is no such file. One that cannot be read (too large,
 * a folder, not permitted, a link to nowhere) yields a text that is refused as a
 * policy, so that it is reported and never taken for removed.
 */
export async function readPolicyFile(
  path: string,
  { maxBytes, former, nowMs = dateMs() }: ReadPolicyFileOptions,
): Promise<FileReading | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isFile()) return unreadable("it is not a file");
    if (found.size > maxBytes) return unreadable(`it is larger than ${maxBytes} bytes`);
    const { dev, ino, size, mtimeNs, ctimeNs } = found;
    const fingerprint = [dev, ino, size, mtimeNs, ctimeNs].join(":");
    if (former?.fingerprint === fingerprint) return former;
    const bytes = await readFile(path);
    if (bytes.length > maxBytes) return unreadable(`it is larger than ${maxBytes} bytes`);
    const changedAtMs = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n);
    return {
      file: { text: new TextDecoder().decode(bytes), revision: contentRevision(bytes) },
      fingerprint: nowMs - changedAtMs > RACY_MS ? fingerprint : undefined,
    };
  } catch (error) {
    if (!isMissing(error)) return unreadable(messageOf(error));
    return await isLink(path) ? unreadable("it is a link to nowhere") : undefined;
  }
}

function unreadable(reason: string): FileReading {
  return {
    file: {
      text: `(not read: ${reason})`,
      revision: `unreadable-${contentRevision(reason)}`,
      unreadable: reason,
    },
    fingerprint: undefined,
  };
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}
