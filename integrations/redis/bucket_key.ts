import { createHash } from "node:crypto";

/** Longest name that stands in a key as it is; of a longer one its digest does. */
const MAX_NAME = 128;

/** What would end the hash tag or the rule's name, or be read as an escape; control characters; and halves of surrogate pairs, all of which UTF-8 would write as one character. */
const ESCAPED = /[%{}#\p{Cc}\p{Cs}]/gu;

/**
 * The Redis key of a rule's bucket for a resource, such as
 * `limit:{logins:ann}`: different for different names whatever characters they hold, of bounded length, printable,
 * and with one hash tag, so that a cluster spreads the buckets over its slots and no name can choose a slot
 * that is another's.
 */
export function bucketKey(prefix: string, rule: string, resource: string): string {
  return `${prefix}{${plainName(rule).replaceAll(":", "%3a;")}:${plainName(resource)}}`;
}

function plainName(name: string): string {
  return name.length > MAX_NAME ? `#${digest(name)}` : name.replaceAll(ESCAPED, escape);
}

function escape(character: string): string {
  return `%${character.charCodeAt(0).toString(16)};`;
}

/** Over UTF-16 units, which tell apart what UTF-8 cannot. */
function digest(name: string): string {
  return createHash("sha256").update(name, "utf16le").digest("hex");
}
