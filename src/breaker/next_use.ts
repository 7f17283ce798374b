const uses = { count: 0 };

/**
 * The number of a use, an admitted or refused call: of any breaker, in their
 * order. Calls that share an admission share the number.
 */
export function nextUse(): number {
  return ++uses.count;
}
