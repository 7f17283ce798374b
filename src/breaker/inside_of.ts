import { describeError } from "../errors.ts";
import { logSafely } from "../log.ts";
import { systemClock } from "../time/clock.ts";
import type { Breaker } from "./breaker.ts";
import { askInside, type BreakerInside } from "./inside.ts";
import { BreakerOpenError } from "./rejection.ts";

/**
 * What a breaker answers beyond its public face, also one of another copy of the package. One of
 * version 0.1 or of the user's own making does not answer: it is taken by its public face then, as
 * one without settings.
 */
export function insideOf(breaker: Breaker): BreakerInside {
  return askInside(breaker) ?? byPublicFace(breaker);
}

function byPublicFace(breaker: Breaker): BreakerInside {
  return {
    clock: systemClock,
    isIgnored: undefined,
    isFailure: undefined,
    fails: () => true,
    report: (what, error) => {
      const { name } = breaker;
      logSafely(console, "error", `Breaker "${name}": ${what}: ${describeError(error)}`, {
        breaker: name,
        error,
      });
    },
    refusal: () => refusalOf(breaker),
  };
}

/** The error for a call that was just refused; by now the breaker may admit one. */
function refusalOf(breaker: Breaker): BreakerOpenError {
  const peek = breaker.peek();
  if (!peek.admitted) return new BreakerOpenError(peek);
  const { name, state } = breaker;
  return new BreakerOpenError({ breaker: name, state, reason: "open", retryAfterMs: 0 });
}
