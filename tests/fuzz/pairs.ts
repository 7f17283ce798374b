/** The pairs of texts in an input that holds a JSON list of them; `undefined`: it is none, after shrinking. */
export function pairsIn(input: string): [string, string][] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch {
    return undefined;
  }
  return Array.isArray(value) && value.every(isPair) ? value : undefined;
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 &&
    value.every((each) => typeof each === "string");
}
