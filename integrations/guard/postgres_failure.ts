/**
 * SQLSTATE classes that say that the server, not the request, is at fault: connection exception,
 * insufficient resources, operator intervention (shutdown, statement timeout), system error,
 * internal error. Source: PostgreSQL's documentation, appendix A.
 */
const FAILURE_CLASSES = new Set(["08", "53", "57", "58", "XX"]);

/**
 * Whether an error from a PostgreSQL client (pg, postgres.js and what builds on them) is a failure
 * of the database. `false`: the database answered, as with a violated constraint (class 23), bad
 * data (22), wrong SQL (42) or a deadlock (40). Errors that are not PostgreSQL's, such as those of
 * the connection, are failures.
 *
 * @example Usage
 * ```ts
 * import { postgresFailure } from "@switchgear/breaker/guard";
 * import assert from "node:assert/strict";
 *
 * const error = (code: string) => Object.assign(new Error(), { code, severity: "ERROR" });
 * assert.equal(postgresFailure(error("23505")), false); // unique_violation
 * assert.equal(postgresFailure(error("57P01")), true); // admin_shutdown
 * assert.equal(postgresFailure(new Error("Connection terminated unexpectedly")), true);
 * ```
 *
 * @param error What a call failed with.
 * @returns Whether to count it as a failure.
 */
export function postgresFailure(error: unknown): boolean {
  // The severity tells a SQLSTATE from a code of the system's of the same form, such as EPIPE.
  if (!(error instanceof Error) || !("code" in error) || !("severity" in error)) return true;
  const { code, severity } = error;
  if (typeof code !== "string" || typeof severity !== "string") return true;
  return !/^[0-9A-Z]{5}$/.test(code) || FAILURE_CLASSES.has(code.slice(0, 2));
}
