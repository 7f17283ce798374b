/** The key under which Node's `promisify` finds another function to use in a function's place. */
const PROMISIFY = Symbol.for("nodejs.util.promisify.custom");
/** What belongs to a function itself. */
const OWN: readonly PropertyKey[] = ["prototype", "arguments", "caller", PROMISIFY];

/**
 * Gives a function that stands for another one the name, the length and the own properties that the other has now.
 *
 * @typeParam F The function that stands for the other.
 * @param stand The function that stands for the other.
 * @param fn The other.
 * @returns `stand`.
 */
export function lookLike<F extends object>(stand: F, fn: object): F {
  for (const key of Reflect.ownKeys(fn)) {
    if (OWN.includes(key)) continue;
    const property = Reflect.getOwnPropertyDescriptor(fn, key);
    if (property !== undefined) Reflect.defineProperty(stand, key, property);
  }
  return stand;
}
