import type { ConfigEntry } from "../../src/provider/backend.ts";
import type { EtcdKeyValue } from "../../etcd/messages.ts";
import type { KeySpace } from "./keys.ts";

/** A key that is there, and the document that it holds. */
export interface HeldKey {
  /** The revision that wrote it. */
  readonly modRevision: number;
  /** The document; `undefined`: the key is none of ours. */
  readonly entry: ConfigEntry | undefined;
  /** What a person should know of it. */
  readonly note?: string;
}

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a key. Of a value that is not UTF-8 it makes a text that no policy can be, so that the
 * document is refused and reported, and never taken for missing.
 */
export function holdKey(kv: EtcdKeyValue, keys: KeySpace, era: number): HeldKey {
  const { modRevision } = kv;
  const meaning = keys.meaningOf(kv.key);
  if (meaning === undefined) return { modRevision, entry: undefined };
  const revision = revisionText(modRevision, era);
  try {
    return { modRevision, entry: { ...meaning, text: DECODER.decode(kv.value), revision } };
  } catch {
    const note = `${meaning.source}: the value is not UTF-8`;
    return { modRevision, entry: { ...meaning, text: "(not UTF-8)", revision }, note };
  }
}

/**
 * A document's revision, for people the number that etcdctl shows. A cluster that was replaced
 * begins to count anew: what it holds is marked with how often that was seen, because the
 * same number would now stand for another text.
 */
export function revisionText(modRevision: number, era: number): string {
  return era === 0 ? String(modRevision) : `${modRevision}~${era}`;
}

/** The revision that a text of {@linkcode revisionText} stands for; `undefined`: none of this era. */
export function parseRevision(text: string, era: number): number | undefined {
  const [, digits, mark = "0"] = /^(\d{1,15})(?:~(\d+))?$/.exec(text) ?? [];
  return digits === undefined || Number(mark) !== era ? undefined : Number(digits);
}
