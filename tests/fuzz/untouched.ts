import assert from "node:assert/strict";

const SHARED: readonly (readonly [name: string, object: object])[] = Object.entries({
  "Object.prototype": Object.prototype,
  "Array.prototype": Array.prototype,
  "Function.prototype": Function.prototype,
  "String.prototype": String.prototype,
  "Map.prototype": Map.prototype,
  Object,
  globalThis,
});

const BEFORE = SHARED.map(([, object]) => describe(object));

function describe(object: object): Map<PropertyKey, unknown> {
  return new Map(
    Reflect.ownKeys(object).map((key) => {
      const { value, get } = Reflect.getOwnPropertyDescriptor(object, key) ?? {};
      return [key, get ?? value];
    }),
  );
}

/** How often all is looked at; `Object.prototype` is each time. */
const SELDOM = 256;
let looks = 0;

/** Asserts that what all objects share is as it was when this module was loaded. */
export function assertUntouched(): void {
  const isWhole = looks++ % SELDOM === 0;
  for (const [index, [name, object]] of SHARED.entries()) {
    if (!isWhole && object !== Object.prototype) continue;
    const before = BEFORE[index];
    for (const [key, value] of describe(object)) {
      // Reading a lazy global for the first time puts it in its place.
      if (object === globalThis) assert(before?.has(key), `${name} has ${String(key)} now`);
      else assert(Object.is(before?.get(key), value), `${name}.${String(key)} is another now`);
    }
  }
}
