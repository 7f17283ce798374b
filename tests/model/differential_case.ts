import type { Policy } from "../../src/policy/policy.ts";
import type { Case, Expectation, Step } from "../conformance/case.ts";
import { type Move, restoredUnder } from "./differential_move.ts";
import { type DifferentValue, Pair } from "./differential_run.ts";
import type { Shrunk } from "./differential_shrink.ts";

const LOOK: Step = { expect: {} };

/** A difference as a conformance case that ends with what the model allows; `undefined` values it cannot say are left to the notes. */
export async function caseOf(
  { history: { way, policy, moves }, difference }: Shrunk,
  seed: number,
): Promise<Case> {
  const pair = new Pair(way, policy);
  const steps: Step[] = [];
  for (const [index, move] of moves.entries()) {
    const admitted = pair.subject.callsInFlight.real;
    const inForce = pair.policy;
    const values = await pair.take(move);
    if (index < difference.index || values.length === 0) {
      steps.push(...stepsOf(move, pair.subject.callsInFlight.real > admitted, inForce));
    } else {
      steps.push(...lastSteps(move, values, inForce));
    }
  }
  return { name: `seed ${seed}, by ${way}`, rule: "?", policy, steps };
}

function stepsOf(move: Move, admitted: boolean, inForce: Policy): Step[] {
  switch (move.kind) {
    case "look":
      return [LOOK];
    case "begin":
      return [{ begin: move.id, ...(!admitted && { admitted }) }];
    case "settle":
      return [{
        settle: move.id,
        as: move.as,
        ...(move.holdAfterMs !== undefined && { holdAfter: move.holdAfterMs }),
      }];
    case "advance":
      return move.ms < 0 ? [LOOK, { advance: move.ms }, LOOK] : [{ advance: move.ms }];
    case "policy":
      return [{ policy: move.document }];
    case "mode":
      return [{ mode: move.mode }];
    case "reset":
      return [{ reset: true }];
    case "restore":
      return [{
        restore: move.ageMs ?? true,
        ...(move.document && { under: restoredUnder(move.document, inForce) }),
      }];
    case "hold":
      return [{ hold: move.ms, owner: move.owner }];
    case "release":
      return [{ release: true, owner: move.owner }];
    case "trip":
      return [{ trip: true }];
    case "random":
      return [LOOK, { random: [...move.draws] }];
  }
}

/** The move at which the sides parted, with the model's answer as the expectation. */
function lastSteps(move: Move, values: readonly DifferentValue[], inForce: Policy): Step[] {
  if (move.kind === "begin") {
    const [rejection] = values;
    return [{ begin: move.id, admitted: rejection?.allowed === undefined }];
  }
  const expectation: Record<string, unknown> = {};
  for (const { name, allowed } of values) {
    const value = certain(allowed);
    if (value !== undefined && EXPECTED.has(name)) expectation[name] = value;
  }
  const steps = move.kind === "look" || move.kind === "random" ? [] : stepsOf(move, true, inForce);
  return [...steps, { expect: expectation satisfies Expectation }];
}

const EXPECTED: ReadonlySet<string> = new Set<keyof Expectation>([
  "state",
  "calls",
  "failures",
  "successes",
  "slow",
  "timeouts",
  "consecutiveFailures",
  "rejected",
  "staleCalls",
  "inFlight",
  "reason",
  "retryAfterMs",
  "transitions",
  "trippedBy",
  "held",
  "overdueProbes",
]);

/** The one value that is allowed, if there is only one. */
function certain(allowed: unknown): unknown {
  if (typeof allowed !== "object" || allowed === null) return allowed;
  if ("min" in allowed && "max" in allowed) {
    return allowed.min === allowed.max ? allowed.min : undefined;
  }
  return allowed;
}
