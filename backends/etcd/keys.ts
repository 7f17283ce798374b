import type { ConfigEntry } from "../../src/provider/backend.ts";
import { type KeyRange, rangeOf, rawKey } from "../../etcd/key_range.ts";
import { codePointBytes, readCodePoint } from "../wtf8.ts";

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
