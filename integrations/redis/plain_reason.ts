import { shorten } from "../../src/check/describe_value.ts";
import { describeError } from "../../src/errors.ts";

const LONGEST = 200;
/** As much of a message is looked at: enough that no secret is cut in two, and bounded work. */
const LOOKED_AT = 1_000;

/**
 * Why a call to Redis failed, fit for a log: clients put addresses and commands into their messages,
 * so that credentials and queries of URLs are struck out, and what follows a line's end is cut off.
 */
export function plainReason(error: unknown): string {
  const [line = ""] = describeError(error).slice(0, LOOKED_AT).split(/[\r\n]/, 1);
  const plain = line
    .replaceAll(/([a-z][-+.\da-z]*:\/\/)\S*@/gi, "$1…@")
    .replaceAll(/([a-z][-+.\da-z]*:\/\/[^\s?#"']*)[?#][^\s"']*/gi, "$1?…")
    .replaceAll(/\b(bearer|basic)\s+\S+/gi, "$1 …")
    .replaceAll(/\b(pass\w*|token|secret|auth\w*)(["']?\s*[:=]\s*["']?)[^\s"',;]+/gi, "$1$2…");
  return shorten(plain, LONGEST);
}
