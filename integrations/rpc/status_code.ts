import type { Permit } from "../../src/breaker/permit.ts";
import type { Outcome } from "../../src/breaker/window/outcome.ts";

/** The caller gave the call up. gRPC and Connect number their codes alike. */
export const CANCELLED = 1;
/** The call took too long. */
export const DEADLINE_EXCEEDED = 4;
/** The service cannot be reached, or refuses. */
export const UNAVAILABLE = 14;
/** The highest code that there is. */
export const MAX_CODE = 16;

const UNKNOWN = 2;
const RESOURCE_EXHAUSTED = 8;
const INTERNAL = 13;
const DATA_LOSS = 15;

/** The codes that say that the dependency fails, where nothing else is asked for. */
export const FAILURE_CODES: readonly number[] = [
  UNKNOWN,
  DEADLINE_EXCEEDED,
  RESOURCE_EXHAUSTED,
  INTERNAL,
  UNAVAILABLE,
  DATA_LOSS,
];

/**
 * How grpc-js and connect-es say that a request could not be sent because of
 * what is in it. They give codes of failures to that, but it is the caller's
 * mistake: what users type in must not open a breaker.
 */
const UNSENDABLE =
  /^(Request message serialization failure: |Attempted to send message with a size larger than |serialize (binary|JSON): |message size \d+ is larger than configured writeMaxBytes )/;

/**
 * How grpc-js and connect-node report a stream that somebody else has reset with
 * CANCEL, which Node makes of a connection that ends, too: the call was lost.
 */
const RESET = /^(Call cancelled$|http\/2 stream closed with error code CANCEL )/;

/** How a call that ended so is counted, unless its caller cancelled it: codes that are no failures are answers. */
export function outcomeOf(
  code: number,
  details: string,
  failureCodes: ReadonlySet<number>,
): Outcome {
  const judged = code === CANCELLED && RESET.test(details) ? UNAVAILABLE : code;
  if (!failureCodes.has(judged)) return judged === CANCELLED ? "ignored" : "success";
  if (UNSENDABLE.test(details)) return "ignored";
  return judged === DEADLINE_EXCEEDED ? "timeout" : "failure";
}

/** Settles a permit; does nothing for a call without one, or settled already. */
export function settle(permit: Permit | undefined, outcome: Outcome): void {
  if (outcome === "success") permit?.success();
  else if (outcome === "timeout") permit?.timeout();
  else if (outcome === "failure") permit?.failure();
  else permit?.ignore();
}
