import { codePointBytes, readCodePoint } from "../wtf8.ts";

const PLAIN = /^[A-Za-z0-9]$/;

/**
 * A breaker's name as the part of a variable's name that stands for it: ASCII
 * letters and digits stand for themselves, `_` is doubled, and every other byte
 * of the name in UTF-8 (a lone surrogate: in WTF-8) is `_` and two upper-case hex digits.
 * `grpc:user-service` becomes `grpc_3Auser_2Dservice`. Every string has one
 * such form, and {@linkcode decodeEnvName} turns it back.
 */
export function encodeEnvName(name: string): string {
  let encoded = "";
  for (const character of name) {
    if (PLAIN.test(character)) encoded += character;
    else if (character === "_") encoded += "__";
    else encoded += codePointBytes(character.codePointAt(0) ?? 0).map(escapeByte).join("");
  }
  return encoded;
}

/**
 * Turns back what {@linkcode encodeEnvName} made. Returns `undefined` for text
 * that it never makes: an `_` without a second one or two upper-case hex digits, bytes
 * that are no UTF-8, an escape for what stands for itself.
 */
export function decodeEnvName(encoded: string): string | undefined {
  let name = "";
  let bytes: number[] = [];
  for (const [token] of encoded.matchAll(/__|_[0-9A-F]{2}|[^]/gu)) {
    if (token.length === 3) {
      bytes.push(Number.parseInt(token.slice(1), 16));
      const decoded = readCodePoint(bytes);
      if (decoded === undefined) continue;
      name += String.fromCodePoint(decoded.codePoint);
      bytes = [];
    } else {
      name += token === "__" ? "_" : token;
    }
  }
  // What was skipped, left over or spelled otherwise does not come out the same again.
  return encodeEnvName(name) === encoded ? name : undefined;
}

function escapeByte(byte: number): string {
  return `_${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
