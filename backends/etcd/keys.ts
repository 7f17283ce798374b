import { codePointBytes, readCodePoint } from "../wtf8.ts";
import type { ConfigEntry } from "../../src/provider/backend.ts";

/** The keys from `key` up to, and without, `end`; without an `end` the one key. */
export interface KeyRange {
  /** The first key. */
  readonly key: Uint8Array;
  /** The first key beyond. */
  readonly end?: Uint8Array;
}

/** What a key says of the document that it holds. */
export type KeyMeaning = Pick<ConfigEntry, "kind" | "name" | "source">;

const SUFFIX = ".json";
const COLLECTION = "breakers";
/** Names whose plain key would be that of the collection, or of a name moved out of its way. */
const MOVED_NAME = /^breakers(?:\.json)*$/;
const WRITE_MARK = ".switchgear/last-write";

/**
 * Where the documents under one prefix stand. A breaker's key is the prefix, its name as it
 * is, and `.json`; a name may be empty, hold `/` or look like a path, for keys are
 * flat. `breakers.json` is the collection, so the breaker of that name moves one
 * `.json` on, to `breakers.json.json`, and `breakers.json` in its turn. Lone surrogates are
 * written as WTF-8. Keys without `.json` are none of ours.
 */
export class KeySpace {
  readonly #prefix: string;
  /** Every key under the prefix. */
  readonly range: KeyRange;
  /** Where each write leaves its mark; it is no document. */
  readonly writeMark: Uint8Array;

  /** Creates the keys under `prefix`, the namespace included. */
  constructor(prefix: string) {
    this.#prefix = prefix;
    this.range = rangeOf(encodeText(prefix));
    this.writeMark = encodeText(prefix + WRITE_MARK);
  }

  /** The key of the document of `name`. */
  keyOf(name: string): Uint8Array {
    const stem = MOVED_NAME.test(name) ? name + SUFFIX : name;
    return encodeText(this.#prefix + stem + SUFFIX);
  }

  /** What stands at `key`; `undefined`: no document of ours, or a name that is not text. */
  meaningOf(key: Uint8Array): KeyMeaning | undefined {
    const source = decodeText(key);
    if (source === undefined || !source.startsWith(this.#prefix) || !source.endsWith(SUFFIX)) {
      return undefined;
    }
    if (source.length < this.#prefix.length + SUFFIX.length) return undefined;
    const stem = source.slice(this.#prefix.length, -SUFFIX.length);
    if (stem === COLLECTION) return { kind: "collection", name: COLLECTION, source };
    const name = MOVED_NAME.test(stem) ? stem.slice(0, -SUFFIX.length) : stem;
    return { kind: "policy", name, source };
  }
}

/** The key as a text in which each character is a byte, to look it up by. */
export function rawKey(key: Uint8Array): string {
  let text = "";
  for (const byte of key) text += String.fromCharCode(byte);
  return text;
}

/** The first key after `key`. */
export function keyAfter(key: Uint8Array): Uint8Array {
  const after = new Uint8Array(key.length + 1);
  after.set(key);
  return after;
}

/** Every key that begins with `prefix`; etcd takes a single zero byte for the end of all keys. */
function rangeOf(prefix: Uint8Array): Required<KeyRange> {
  const last = prefix.findLastIndex((byte) => byte < 0xff);
  const end = last < 0 ? new Uint8Array(1) : prefix.slice(0, last + 1);
  if (last >= 0) end[last] = (prefix[last] ?? 0) + 1;
  return { key: prefix.length === 0 ? new Uint8Array(1) : prefix, end };
}

function encodeText(text: string): Uint8Array {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return Uint8Array.from(points.flatMap(codePointBytes));
}

function decodeText(bytes: Uint8Array): string | undefined {
  let text = "";
  let offset = 0;
  while (offset < bytes.length) {
    const point = readCodePoint([...bytes.subarray(offset, offset + 4)]);
    if (point === undefined) return undefined;
    text += String.fromCodePoint(point.codePoint);
    offset += point.length;
  }
  // Two halves of a pair, each written alone, would read as the pair.
  return rawKey(encodeText(text)) === rawKey(bytes) ? text : undefined;
}
