/** How often text was looked at while something ran, whatever the machine and its engine. */
export interface Work {
  /** Calls of the built-in functions through which text is read. */
  readonly calls: number;
  /** Characters that they copied or were handed whole. */
  readonly characters: number;
}

interface Counted {
  readonly owner: object;
  readonly name: string;
  /** The characters that a call goes over. */
  readonly length: (self: unknown, args: readonly unknown[], result: unknown) => number;
}

function lengthOf(value: unknown): number {
  return typeof value === "string" || Array.isArray(value) ? value.length : 0;
}

const ofResult: Counted["length"] = (_self, _args, result) => lengthOf(result);
const ofSelf: Counted["length"] = (self) => lengthOf(self);
const ofFirst: Counted["length"] = (_self, [first]) => lengthOf(first);
const one: Counted["length"] = () => 1;

const COUNTED: readonly Counted[] = [
  ...["charCodeAt", "codePointAt", "charAt", "startsWith"].map((name) => ({
    owner: String.prototype,
    name,
    length: one,
  })),
  ...["slice", "substring"].map((name) => ({ owner: String.prototype, name, length: ofResult })),
  ...["split", "replaceAll", "replace", "includes", "indexOf", "toLowerCase"].map((name) => ({
    owner: String.prototype,
    name,
    length: ofSelf,
  })),
  // A sticky match is of a number, a word or an escape, each bounded or read once.
  { owner: RegExp.prototype, name: "test", length: one },
  { owner: RegExp.prototype, name: "exec", length: one },
  { owner: JSON, name: "parse", length: ofFirst },
  { owner: JSON, name: "stringify", length: ofResult },
  { owner: Array.prototype, name: "push", length: one },
  { owner: Array.prototype, name: "join", length: ofResult },
  { owner: Array.prototype, name: "map", length: ofSelf },
  { owner: Array.prototype, name: "filter", length: ofSelf },
  { owner: Object, name: "keys", length: ofResult },
  { owner: Object, name: "entries", length: ofResult },
  { owner: Map.prototype, name: "get", length: one },
  { owner: Map.prototype, name: "set", length: one },
];

/** Runs `body` with those functions counted, and puts them back. */
export function countWork(body: () => void): Work {
  let calls = 0;
  let characters = 0;
  const originals = COUNTED.map(({ owner, name, length }) => {
    const original: unknown = Reflect.get(owner, name);
    if (typeof original !== "function") throw new TypeError(`There is no ${name}`);
    Reflect.set(owner, name, function (this: unknown, ...args: unknown[]): unknown {
      const result: unknown = Reflect.apply(original, this, args);
      calls++;
      characters += length(this, args, result);
      return result;
    });
    return original;
  });
  try {
    body();
  } finally {
    COUNTED.forEach(({ owner, name }, index) => Reflect.set(owner, name, originals[index]));
  }
  return { calls, characters };
}
