import { createHash } from "node:crypto";

/** Hex digits of SHA-256 kept: 96 bits, ample to tell the versions of one document apart. */
const DIGITS = 24;

/** Identifies `content`: equal contents have equal revisions, different ones different revisions. */
export function contentRevision(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex").slice(0, DIGITS);
}
