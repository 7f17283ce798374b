/** How many errors are looked at: a getter that makes a new cause each time it is read must not hang the program. */
const MAX_ERRORS = 10_000;
const NONE: readonly unknown[] = [];

/** Reads a property of anything; `undefined` where there is none, or where reading it throws. */
export function readProperty(target: unknown, name: string): unknown {
  if (!isObject(target)) return undefined;
  try {
    return target[name];
  } catch {
    return undefined;
  }
}

function isObject(target: unknown): target is Readonly<Record<string, unknown>> {
  return typeof target === "object" && target !== null || typeof target === "function";
}

/**
 * What `find` makes of the first error that it makes anything of: `error`
 * itself, then its causes and the errors of an `AggregateError`, nearest first.
 * Cycles end the search, and so do 10,000 errors; where `find` throws it has
 * found nothing.
 */
export function findInCauses<R>(
  error: unknown,
  find: (error: unknown) => R | undefined,
): R | undefined {
  const found = attempt(error, find);
  if (found !== undefined) return found;
  const causes = causesOf(error, MAX_ERRORS);
  return causes.length === 0 ? undefined : findAmong(new Set(causes), find);
}

function findAmong<R>(
  errors: Set<unknown>,
  find: (error: unknown) => R | undefined,
): R | undefined {
  for (const error of errors) { // a set hands out what is added on the way, too
    const found = attempt(error, find);
    if (found !== undefined) return found;
    for (const cause of causesOf(error, MAX_ERRORS - errors.size)) errors.add(cause);
  }
  return undefined;
}

function attempt<R>(error: unknown, find: (error: unknown) => R | undefined): R | undefined {
  try {
    return find(error);
  } catch {
    return undefined;
  }
}

function causesOf(error: unknown, room: number): readonly unknown[] {
  if (room <= 0) return NONE;
  const cause = readProperty(error, "cause");
  // Other libraries keep texts under `errors`; those are no causes, and do no harm.
  const errors = readProperty(error, "errors");
  if (Array.isArray(errors)) return [cause, ...errors.slice(0, room - 1)];
  return cause === undefined || cause === null ? NONE : [cause];
}
