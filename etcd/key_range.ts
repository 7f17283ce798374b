/** The keys from `key` up to, and without, `end`; without an `end` the one key. */
export interface KeyRange {
  /** The first key. */
  readonly key: Uint8Array;
  /** The first key beyond. */
  readonly end?: Uint8Array;
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
export function rangeOf(prefix: Uint8Array): Required<KeyRange> {
  const last = prefix.findLastIndex((byte) => byte < 0xff);
  const end = last < 0 ? new Uint8Array(1) : prefix.slice(0, last + 1);
  if (last >= 0) end[last] = (prefix[last] ?? 0) + 1;
  return { key: prefix.length === 0 ? new Uint8Array(1) : prefix, end };
}
