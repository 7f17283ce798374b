import { CLOSED_SCOPES } from "./closed_scopes.ts";
import { RULE_SCOPES } from "./rule_scopes.ts";
import type { Scope } from "./scope.ts";
import { WIDE_SCOPES } from "./wide_scopes.ts";

/** Everything that is explored, the largest first. */
export const SCOPES: readonly Scope[] = [...WIDE_SCOPES, ...RULE_SCOPES, ...CLOSED_SCOPES];

/** The scope of that name. */
export function scopeNamed(name: string): Scope | undefined {
  return SCOPES.find((scope) => scope.name === name);
}
