import { codePointBytes, readCodePoint } from "../wtf8.ts";

/** The file that holds one object of name to policy. */
export const COLLECTION_FILE = "breakers.json";

/** Bytes that a file name may have on common file systems. */
export const MAX_FILE_NAME_BYTES = 255;

const SUFFIX = ".json";
const PLAIN = /^[A-Za-z0-9_.-]$/;
/** What stands for the empty name, which has nothing to escape. */
const EMPTY = "%";
/** Names that Windows keeps for devices, whatever follows the first dot. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;
/** The collection's own name, in any case: some file systems do not tell cases apart. */
const COLLECTION = /^breakers$/i;

/**
 * The canonical file of the breaker called `name`: ASCII letters and digits,
 * `_`, `-` and any `.` but a leading one stand for themselves, every other byte
 * of the name in UTF-8 (a lone surrogate: in WTF-8) is percent-encoded. So no name leaves
 * the folder or is hidden in it, and none needs what a file system forbids.
 * The empty name is `%.json`; what Windows keeps for devices, and `breakers`, have
 * their first letter escaped.
 */
export function policyFileName(name: string): string {
  let encoded = "";
  for (const character of name) {
    if (PLAIN.test(character) && !(character === "." && encoded === "")) encoded += character;
    else encoded += escaped(character);
  }
  if (DEVICE.test(name) || COLLECTION.test(name)) {
    encoded = escaped(encoded.charAt(0)) + encoded.slice(1);
  }
  return (encoded === "" ? EMPTY : encoded) + SUFFIX;
}

/**
 * Whether a file may hold a policy or the collection. Hidden files (an editor's
 * temporaries, a mounted ConfigMap's `..data`) and those that do not end in
 * `.json` may not.
 */
export function isPolicyFile(fileName: string): boolean {
  return fileName.endsWith(SUFFIX) && !fileName.startsWith(".");
}

/**
 * The breaker whose policy a file holds. Beside the canonical file name it reads
 * what people write by hand: what is no escape stands for itself, so `100%.json`
 * is the breaker `100%` and `grpc:user-service.json` is `grpc:user-service`.
 */
export function breakerOfFile(fileName: string): string {
  const encoded = fileName.slice(0, -SUFFIX.length);
  if (encoded === EMPTY) return "";
  let name = "";
  for (let at = 0; at < encoded.length;) {
    const decoded = encoded[at] === "%" ? readCodePoint(escapedBytes(encoded, at)) : undefined;
    name += decoded === undefined ? encoded.charAt(at) : String.fromCodePoint(decoded.codePoint);
    at += decoded === undefined ? 1 : 3 * decoded.length;
  }
  return name;
}

/** The bytes of the escapes that follow one another from `at` on, as many as one character can have. */
function escapedBytes(encoded: string, at: number): number[] {
  const [run = ""] = /^(?:%[0-9A-Fa-f]{2}){0,4}/.exec(encoded.slice(at, at + 12)) ?? [];
  return run.split("%").slice(1).map((digits) => Number.parseInt(digits, 16));
}

function escaped(character: string): string {
  return codePointBytes(character.codePointAt(0) ?? 0)
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
    .join("");
}
