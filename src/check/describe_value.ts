/** Longest stretch of a text from outside that is repeated in a message. */
const MAX_SHOWN = 60;

/**
 * Cuts a text from outside to a length that fits into a message.
 *
 * @param text Any text.
 * @param length Characters to keep. @default 60
 * @returns `text` itself, or its beginning and an ellipsis.
 */
export function shorten(text: string, length: number = MAX_SHOWN): string {
  if (text.length <= length) return text;
  const lastUnit = text.charCodeAt(length - 1);
  const splitsPair = lastUnit >= 0xd800 && lastUnit <= 0xdbff;
  return `${text.slice(0, splitsPair ? length - 1 : length)}…`;
}

/**
 * Says in a few words what a value from outside is, without looking inside
 * objects, so that neither size nor depth nor a hostile method matters.
 *
 * @param value Anything.
 * @returns Short text: `"abc"`, `-1`, `null`, `an array`, `an object`.
 */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(shorten(value));
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "function") return "a function";
  return shorten(String(value));
}
