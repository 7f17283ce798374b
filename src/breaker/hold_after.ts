import { describeValue } from "../check/describe_value.ts";
import { verdict } from "../call/verdict.ts";
import { parseDuration } from "../time/duration.ts";
import { type Nanos, toNanos } from "../time/timeline.ts";
import type { BreakerHost } from "./host/host.ts";
import type { Classification } from "./host/settings.ts";

/** For how long a failure asks that its dependency be left alone; 0: it does not (R22). */
export function askedFor(
  host: BreakerHost,
  breaker: string,
  holdAfter: NonNullable<Classification["holdAfter"]>,
  outcome: unknown,
): Nanos {
  try {
    return toNanos(milliseconds(verdict("holdAfter", holdAfter(outcome))));
  } catch (error) {
    host.report(breaker, "holdAfter failed, the failure asks for nothing", error);
    return 0;
  }
}

function milliseconds(answer: unknown): number {
  if (answer === undefined) return 0;
  if (answer === Infinity) return Infinity; // as long as the policy's maxHold
  if (typeof answer === "string" || typeof answer === "number") {
    return Math.max(0, parseDuration(answer));
  }
  throw new TypeError(`holdAfter must answer with a duration, received ${describeValue(answer)}`);
}
