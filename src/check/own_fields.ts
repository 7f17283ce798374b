/**
 * A copy of an object that has its own fields and inherits none. A field that
 * is absent then stays absent, whatever somebody has put on `Object.prototype`.
 *
 * @typeParam T What the object is.
 * @param value The object.
 * @returns The copy, without a prototype.
 */
export function ownFields<T extends object>(value: T): T {
  return Object.assign(Object.create(null), value);
}
