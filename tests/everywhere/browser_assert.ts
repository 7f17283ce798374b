/**
 * What the checks use of `node:assert/strict`, for a page: it stands in for it there.
 *
 * @module
 */

/** What a failure is expected to be: a class, an error like this one, or fields that it has. */
type Expected = (abstract new (...args: never[]) => unknown) | object;

function assert(value: unknown, message = "not so"): asserts value {
  if (!value) throw new Error(message);
}

assert.equal = (seen: unknown, expected: unknown): void => {
  if (!Object.is(seen, expected)) throw new Error(`saw ${show(seen)}, expected ${show(expected)}`);
};

assert.deepEqual = (seen: unknown, expected: unknown): void => {
  if (!isSame(seen, expected)) throw new Error(`saw ${show(seen)}, expected ${show(expected)}`);
};

assert.throws = (act: () => unknown, expected?: Expected): void => {
  let value: unknown;
  try {
    value = act();
  } catch (error) {
    return checkFailure(error, expected);
  }
  throw new Error(`returned ${show(value)}, expected an error`);
};

assert.rejects = async (call: Promise<unknown>, expected?: Expected): Promise<void> => {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    return checkFailure(error, expected);
  }
  throw new Error(`resolved to ${show(value)}, expected a rejection`);
};

export default assert;

function checkFailure(error: unknown, expected: Expected | undefined): void {
  if (expected === undefined) return;
  if (typeof expected === "function") {
    if (!Function.prototype[Symbol.hasInstance].call(expected, error)) {
      throw new Error(`failed with ${show(error)}, expected ${expected.name}`);
    }
    return;
  }
  const names = expected instanceof Error ? ["name", "message"] : Object.keys(expected);
  for (const name of names) assert.deepEqual(fieldOf(error, name), fieldOf(expected, name));
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const [names, others] = [Object.keys(a), Object.keys(b)];
  return names.length === others.length &&
    names.every((name) => Object.hasOwn(b, name) && isSame(fieldOf(a, name), fieldOf(b, name)));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function show(value: unknown): string {
  return value instanceof Error ? String(value) : JSON.stringify(value) ?? String(value);
}
