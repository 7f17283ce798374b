import type { ConfigEntry } from "../../src/provider/backend.ts";

/** Names that every backend must hold, each a trap for some mapping. */
export const TRICKY_NAMES: readonly string[] = [
  "users",
  "default",
  "/user.UserService/GetUser",
  "grpc:user-service",
  "grpc_user__service",
  "用户服务",
  "..",
  "../escaped",
  ".hidden",
  "",
  " ",
  "%",
  "a%2Fb",
  "a/b",
  "__proto__",
  "breakers",
  "Breakers.json",
  "CON",
  "nul.txt",
  "line\nbreak\0",
  "⚡️",
  "\uD800",
  "\uDC00\uD800",
  "x".repeat(200),
];

/** A document of its own for each tricky name. */
export const DOCUMENTS: ReadonlyMap<string, string> = new Map(
  TRICKY_NAMES.map((name, index) => [name, `{"failureThreshold":${index + 1}}`]),
);

/** The names and texts of `entries`, sorted by name. */
export function textsOf(entries: Iterable<ConfigEntry>): [string, string][] {
  return sorted([...entries].map(({ name, text }) => [name, text]));
}

/** `documents` sorted by name. */
export function sorted(documents: Iterable<readonly [string, string]>): [string, string][] {
  return [...documents]
    .map(([name, text]): [string, string] => [name, text])
    .sort(([a], [b]) => a < b ? -1 : 1);
}
