import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  handleAll,
  timeout,
  TimeoutStrategy,
  wrap,
} from "npm:cockatiel@4.0.0";
// @ts-types="npm:@types/opossum@8.1.9"
import Opossum from "npm:opossum@10.0.0";
import { createBreaker } from "@switchgear/breaker";
import { type AsyncWork, type Guard, keep } from "../work.ts";
import { timerPerCall } from "./timer_per_call.ts";

/** Far beyond what any call here takes. */
const LIMIT_MS = 10_000;
const DAY_MS = 86_400_000;

const runs = (operation: AsyncWork): Promise<number> => operation();

function switchgear(): Record<string, Guard> {
  const breaker = createBreaker("do", { timeout: LIMIT_MS });
  const heeding = createBreaker("do, signal read", { timeout: LIMIT_MS });
  const wrapped = createBreaker("wrap", { timeout: LIMIT_MS }).wrap(runs);
  const unlimited = createBreaker("no timeout");
  return {
    "switchgear, do": (operation) => breaker.do(operation),
    "switchgear, do, signal read": (operation) =>
      heeding.do((signal) => {
        keep(signal?.aborted ? 1 : 0);
        return operation();
      }),
    "switchgear, wrap": (operation) => wrapped(operation),
    "switchgear, do, no timeout": (operation) => unlimited.do(operation),
  };
}

/** cockatiel's breaker around its timeout, which can end a call (aggressive) or only ask it to end. */
function cockatiel(): Record<string, Guard> {
  const breaker = (): CircuitBreakerPolicy =>
    circuitBreaker(handleAll, { halfOpenAfter: DAY_MS, breaker: new ConsecutiveBreaker(5) });
  const aggressive = wrap(breaker(), timeout(LIMIT_MS, TimeoutStrategy.Aggressive));
  const cooperative = wrap(breaker(), timeout(LIMIT_MS, TimeoutStrategy.Cooperative));
  return {
    "cockatiel, aggressive": (operation) => aggressive.execute(operation),
    "cockatiel, cooperative": (operation) => cooperative.execute(operation),
  };
}

/** opossum as it is by default, which is with a time limit of ten seconds. */
function opossum(): Record<string, Guard> {
  const breaker = new Opossum(runs);
  return { "opossum, default": (operation) => breaker.fire(operation) };
}

/** Everything that is timed, by its name; the bare call first. */
export function timeoutGuards(): Record<string, Guard> {
  return {
    "bare call": runs,
    "setTimeout and clearTimeout": timerPerCall(LIMIT_MS),
    ...switchgear(),
    ...cockatiel(),
    ...opossum(),
  };
}
