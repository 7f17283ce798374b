import type { Policy } from "../../src/policy/policy.ts";
import type { History, Move } from "./differential_move.ts";
import { type Difference, runHistory } from "./differential_run.ts";

/** A history that still parts the model from production. */
export interface Shrunk {
  readonly history: History;
  readonly difference: Difference;
}

/**
 * Makes a history smaller while the same value differs: it leaves out ever
 * smaller runs of moves (delta debugging, after Zeller and Hildebrandt,
 * "Simplifying and Isolating Failure-Inducing Input"), then fields of policies.
 */
export async function shrink(start: Shrunk): Promise<Shrunk> {
  let best = start;
  for (let size = Infinity; size > sizeOf(best.history);) {
    size = sizeOf(best.history);
    best = await withFewerMoves(best);
    best = await withSmallerPolicies(best);
  }
  return best;
}

function sizeOf({ policy, moves }: History): number {
  return JSON.stringify([policy, moves]).length;
}

async function attempt(best: Shrunk, history: History): Promise<Shrunk | undefined> {
  try {
    const difference = await runHistory(history);
    if (difference === undefined || !sharesValue(best.difference, difference)) return undefined;
    return {
      history: { ...history, moves: history.moves.slice(0, difference.index + 1) },
      difference,
    };
  } catch {
    return undefined; // not a valid policy any more
  }
}

function sharesValue(one: Difference, other: Difference): boolean {
  return one.values.some(({ name }) => other.values.some((value) => value.name === name));
}

async function withFewerMoves(start: Shrunk): Promise<Shrunk> {
  let best = start;
  for (let run = Math.ceil(best.history.moves.length / 2); run >= 1; run = Math.floor(run / 2)) {
    for (let at = best.history.moves.length - run; at >= 0; at -= run) {
      const moves = best.history.moves.toSpliced(at, run);
      best = await attempt(best, { ...best.history, moves }) ?? best;
    }
  }
  return best;
}

async function withSmallerPolicies(start: Shrunk): Promise<Shrunk> {
  let best = start;
  for (const field of Object.keys(best.history.policy)) {
    const policy = without(best.history.policy, field);
    best = await attempt(best, { ...best.history, policy }) ?? best;
  }
  for (let index = 0; index < best.history.moves.length; index++) {
    const move = best.history.moves[index];
    if (move === undefined || !("document" in move) || move.document === undefined) continue;
    for (const field of Object.keys(move.document)) {
      const now = best.history.moves[index];
      if (now === undefined || !("document" in now) || now.document === undefined) continue;
      const moves: Move[] = [...best.history.moves];
      moves[index] = { ...now, document: without(now.document, field) };
      best = await attempt(best, { ...best.history, moves }) ?? best;
    }
  }
  return best;
}

function without(policy: Policy, field: string): Policy {
  return Object.fromEntries(Object.entries(policy).filter(([name]) => name !== field));
}
