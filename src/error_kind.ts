/**
 * By what an error is known. A program can hold two copies of this package, and
 * so two classes of each error: another version beside this one, or the CommonJS
 * form beside the ES modules. Name and code are the same in all of them.
 */
export interface ErrorKind {
  /** The name of the class, which its prototype has. */
  readonly name: string;
  /** The code of its errors. @default any */
  readonly code?: string;
}

const kinds = new WeakMap<object, ErrorKind>();

/** Gives a class of errors its name, and has `instanceof` know those of other copies by it. */
export function nameErrors(errors: { readonly prototype: Error }, kind: ErrorKind): void {
  errors.prototype.name = kind.name;
  kinds.set(errors, kind);
}

/** The kind of a class's errors; `undefined` for a class of the user's own, also one that extends ours. */
export function errorKindOf(errors: object): ErrorKind | undefined {
  return kinds.get(errors);
}

/**
 * Whether an error has the code of a kind, and it or one of its prototypes the
 * name. Either alone is not enough: mysql's errors have the code `POOL_CLOSED`,
 * too. Anything can be thrown, also what throws when it is looked at.
 */
export function isOfKind(error: unknown, { name, code }: ErrorKind): boolean {
  if (typeof error !== "object" || error === null) return false;
  try {
    const own: unknown = Reflect.get(error, "code");
    if (code === undefined ? typeof own !== "string" : own !== code) return false;
    for (let each: object | null = error; each !== null; each = Object.getPrototypeOf(each)) {
      if (Object.hasOwn(each, "name") && Reflect.get(each, "name") === name) return true;
    }
    return false;
  } catch {
    return false;
  }
}
