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

/**
 * Whether an error of another copy is of a class's kind: it has its code, and it or one of
 * its prototypes the name. Either alone is not enough: mysql's errors have the code
 * `POOL_CLOSED`, too. A class of the user's own has no kind, also one that extends ours.
 * Anything can be thrown, also what throws when it is looked at.
 */
export function isOfKind(error: unknown, errors: object): boolean {
  try {
    if (typeof error !== "object" || error === null || !("code" in error)) return false;
    const kind = kinds.get(errors);
    if (kind === undefined || typeof error.code !== "string") return false;
    return error.code === (kind.code ?? error.code) && hasName(error, kind.name);
  } catch {
    return false;
  }
}

function hasName(error: object, name: string): boolean {
  for (let each: object | null = error; each !== null; each = Object.getPrototypeOf(each)) {
    if (Object.hasOwn(each, "name") && Reflect.get(each, "name") === name) return true;
  }
  return false;
}
