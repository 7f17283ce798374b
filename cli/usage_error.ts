import { nearestName } from "../src/check/nearest_name.ts";

/** The command line is wrong, or something that it names cannot be read: exit status 2. */
export class UsageError extends Error {
  static {
    this.prototype.name = "UsageError";
  }
}

/** `Unknown command "valdate"; did you mean "validate"?` */
export function unknownName(what: string, name: string, known: readonly string[]): UsageError {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  return new UsageError(`Unknown ${what} ${JSON.stringify(name)}${hint}`);
}
