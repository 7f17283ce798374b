/** One code point read from bytes. */
export interface DecodedCodePoint {
  /** The code point, a lone surrogate included. */
  readonly codePoint: number;
  /** How many bytes it took, 1 to 4. */
  readonly length: number;
}

/** The lead bytes of each length of sequence, and the lowest code point that needs it. */
const SEQUENCES = [
  { mask: 0x80, lead: 0x00, lowest: 0x00 },
  { mask: 0xe0, lead: 0xc0, lowest: 0x80 },
  { mask: 0xf0, lead: 0xe0, lowest: 0x800 },
  { mask: 0xf8, lead: 0xf0, lowest: 0x10000 },
] as const;

/**
 * The bytes of one code point in WTF-8: UTF-8, in which a lone surrogate has
 * the three bytes that its number would have. So every JavaScript string has
 * bytes of its own. (https://simonsapin.github.io/wtf-8/)
 */
export function codePointBytes(codePoint: number): number[] {
  const tail = (shift: number): number => 0x80 | ((codePoint >> shift) & 0x3f);
  if (codePoint < 0x80) return [codePoint];
  if (codePoint < 0x800) return [0xc0 | (codePoint >> 6), tail(0)];
  if (codePoint < 0x10000) return [0xe0 | (codePoint >> 12), tail(6), tail(0)];
  return [0xf0 | (codePoint >> 18), tail(12), tail(6), tail(0)];
}

/**
 * Reads the code point with which `bytes` begins, or returns `undefined` where
 * they begin with no WTF-8 sequence: a stray or missing continuation byte, an
 * overlong form, a number past U+10FFFF.
 */
export function readCodePoint(bytes: readonly number[]): DecodedCodePoint | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  const index = SEQUENCES.findIndex(({ mask, lead }) => (first & mask) === lead);
  const sequence = SEQUENCES[index];
  if (sequence === undefined) return undefined;
  const length = index + 1;
  const tail = bytes.slice(1, length);
  if (tail.length !== index || tail.some((byte) => (byte & 0xc0) !== 0x80)) return undefined;
  const codePoint = tail.reduce(
    (value, byte) => (value << 6) | (byte & 0x3f),
    first & ~sequence.mask & 0xff,
  );
  if (codePoint < sequence.lowest || codePoint > 0x10ffff) return undefined;
  return { codePoint, length };
}
