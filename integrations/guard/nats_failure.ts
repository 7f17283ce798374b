/** Errors by which the client refuses what it is asked for before it sends anything. */
const REFUSALS = new Set([
  "InvalidArgumentError",
  "InvalidNameError",
  "InvalidOperationError",
  "InvalidSubjectError",
  "PermissionViolationError",
]);

/**
 * Whether an error from a NATS client (`@nats-io/*` 3) is a failure of the server. `false`:
 * JetStream answered with a status below 500, such as 404 for an unknown stream or 400 for a wrong
 * sequence, or the client refused an argument. All else is a failure: no connection, no responders,
 * no answer in time, and JetStream's 503.
 *
 * @example Usage
 * ```ts
 * import { natsFailure } from "@switchgear/breaker/guard";
 * import assert from "node:assert/strict";
 *
 * const answer = (status: number) =>
 *   Object.assign(new Error(), { name: "JetStreamApiError", status });
 * assert.equal(natsFailure(answer(404)), false);
 * assert.equal(natsFailure(answer(503)), true);
 * assert.equal(natsFailure(Object.assign(new Error(), { name: "TimeoutError" })), true);
 * ```
 *
 * @param error What a call failed with.
 * @returns Whether to count it as a failure.
 */
export function natsFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  if (REFUSALS.has(error.name)) return false;
  const status = statusOf(error);
  return status === undefined || status >= 500;
}

/** JetStream's status; its subclasses of errors for what is not found go by names of their own. */
function statusOf(error: Error): number | undefined {
  const isAnswer = error.name === "JetStreamApiError" || error.name === "StreamNotFoundError" ||
    error.name === "ConsumerNotFoundError";
  if (!isAnswer || !("status" in error)) return undefined;
  return typeof error.status === "number" ? error.status : undefined;
}
