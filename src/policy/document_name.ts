import { describeValue } from "../check/describe_value.ts";
import type { Fault } from "../check/fault.ts";
import { NameGroup, NameGroups } from "./name_group.ts";

/** For whom a policy document is, by its name. */
export type DocumentScope =
  | {
    /** It is for the one breaker of a name. */
    readonly kind: "breaker";
    /** That name. */
    readonly breaker: string;
  }
  | {
    /** It is for all breakers whose names match (R28). */
    readonly kind: "group";
    /** Which ones. */
    readonly group: NameGroup;
  }
  /** It is for nobody: the name has more than one single `*`. */
  | { readonly kind: "invalid" };

const NOBODY: DocumentScope = Object.freeze({ kind: "invalid" });

/** Reads a document's name from the left: `**` is a literal `*`, a single `*` any text. */
export function scopeOf(name: string): DocumentScope {
  if (!name.includes("*")) return { kind: "breaker", breaker: name };
  const literals: string[] = [];
  let literal = "";
  for (const [token] of name.matchAll(/\*\*|\*|[^*]+/g)) {
    if (token === "*") {
      literals.push(literal);
      literal = "";
    } else {
      literal += token === "**" ? "*" : token;
    }
  }
  const [prefix = "", suffix, ...more] = [...literals, literal];
  if (suffix === undefined) return { kind: "breaker", breaker: prefix };
  return more.length > 0 ? NOBODY : { kind: "group", group: new NameGroup(name, prefix, suffix) };
}

/** The groups among the names of documents. */
export function groupsIn(names: Iterable<string>): NameGroups {
  const scopes = Array.from(names, scopeOf);
  return new NameGroups(scopes.flatMap((scope) => scope.kind === "group" ? [scope.group] : []));
}

/** The group that a document inherits from: its breaker's. A group inherits from none. */
export function groupAbove(name: string, groups: NameGroups): NameGroup | undefined {
  const scope = scopeOf(name);
  return scope.kind === "breaker" ? groups.find(scope.breaker) : undefined;
}

/** The name of a breaker's own document. */
export function documentNameOf(breaker: string): string {
  return breaker.includes("*") ? breaker.replaceAll("*", "**") : breaker;
}

/** What is wrong with a document's name, as a fault at `path`; `undefined`: nothing. */
export function nameFault(name: string, path: string): Fault | undefined {
  if (scopeOf(name).kind !== "invalid") return undefined;
  const found = `the name ${describeValue(name)}`;
  const allowed =
    'a name with at most one "*", which makes it a group; a literal "*" is written "**"';
  return { path, found, allowed, message: `${path} must have ${allowed}; found ${found}` };
}
