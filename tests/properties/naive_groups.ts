import type { ConfigEntry, Policy } from "../../mod.ts";

/** A document that is good, as a naive reader keeps it. */
export interface NaiveDocument {
  readonly name: string;
  readonly layer: number;
  readonly kind: ConfigEntry["kind"];
  readonly policies: Readonly<Record<string, Policy>>;
}

/** A name with every literal `*` replaced by what names do not have. */
function pieces(name: string): string[] {
  return name.replaceAll("**", "\0").split("*").map((piece) => piece.replaceAll("\0", "*"));
}

/** Whether a document may have this name. */
export function isGoodName(name: string): boolean {
  return pieces(name).length <= 2;
}

/** Whether a group is for a breaker, by a regular expression. */
export function isMatch(group: string, breaker: string): boolean {
  const found = pieces(group).map((piece) => piece.replaceAll(/[^a-z]/g, "\\$&"));
  return found.length === 2 && breaker !== "default" &&
    new RegExp(`^${found.join("[^]*")}$`).test(breaker);
}

/** The names of the documents that decide a breaker's policy, that of highest precedence first (R28). */
export function naiveLevels(documents: readonly NaiveDocument[], breaker: string): string[] {
  const names = [...new Set(documents.flatMap(({ policies }) => Object.keys(policies)))];
  const literals = (name: string): number => Array.from(pieces(name).join("")).length;
  const [group] = names.filter((name) => isMatch(name, breaker)).sort().sort((one, other) =>
    literals(other) - literals(one)
  );
  const own = names.find((name) => pieces(name).length === 1 && pieces(name)[0] === breaker);
  const isDefault = breaker === "default";
  const fallback = names.find((name) => name === "default");
  return (isDefault ? [fallback] : [own, group, fallback]).filter((name) => name !== undefined);
}

/** What a level says: the lowest layer, a document before a collection. */
export function naivePolicy(documents: readonly NaiveDocument[], level: string): Policy {
  const [deciding] = documents.filter(({ policies }) => level in policies).sort((one, other) =>
    one.layer - other.layer || Number(one.kind === "collection") - Number(other.kind !== "policy")
  );
  return deciding?.policies[level] ?? {};
}
