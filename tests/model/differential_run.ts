import type { BreakerSnapshot } from "../../src/breaker/snapshot/snapshot.ts";
import { assertPolicy } from "../../src/policy/parse_policy.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";
import { Draws, type History, type Move, restoredUnder, type Way } from "./differential_move.ts";
import { Subject } from "./differential_subject.ts";
import { Model } from "./model.ts";
import type { Admission, Observation, Outcome, Range, Verdict } from "./observation.ts";

/** Where the model and production part. */
export interface Difference {
  /** Index of the move at which it was seen. */
  readonly index: number;
  /** What differs: what is observed by name, what the model allows and what production shows. */
  readonly values: readonly DifferentValue[];
}

/** One observed value. */
export interface DifferentValue {
  readonly name: string;
  readonly allowed: unknown;
  readonly seen: unknown;
}

/** Runs a whole history and gives the first difference. */
export async function runHistory({ way, policy, moves }: History): Promise<Difference | undefined> {
  const pair = new Pair(way, policy);
  for (const [index, move] of moves.entries()) {
    const values = await pair.take(move);
    if (values.length > 0) return { index, values };
  }
  return undefined;
}

/** The model and production in lockstep. */
export class Pair {
  readonly subject: Subject;
  readonly model: Model;
  readonly #draws = new Draws();
  readonly #ids = new Map<string, number>();
  #policy: Policy;
  readonly #totals = { successes: 0, failures: 0, timeouts: 0 };

  constructor(way: Way, policy: Policy) {
    this.#policy = policy;
    this.subject = new Subject(way, policy);
    this.model = new Model(effective(policy), { random: () => this.#draws.next() });
  }

  /** The policy document in force. */
  get policy(): Policy {
    return this.#policy;
  }

  /** Takes a move on both sides and gives what differs. A call that was never admitted is not settled. */
  async take(move: Move): Promise<readonly DifferentValue[]> {
    switch (move.kind) {
      case "look":
        return this.#compare();
      case "begin":
        return this.#begin(move.id);
      case "settle":
        return await this.#settle(move);
      case "advance":
        return this.#advance(move.ms);
      case "policy":
        this.#policy = move.document;
        this.subject.setPolicy(move.document);
        this.model.setPolicy(effective(move.document));
        return [];
      case "mode":
        this.subject.override(move.mode);
        this.model.override(move.mode);
        return [];
      case "reset":
        this.subject.breaker.reset();
        this.model.reset();
        return [];
      case "restore":
        return this.#restore(move);
      case "hold":
        this.subject.hold(move.ms, move.owner);
        this.model.hold(move.ms, move.owner);
        return [];
      case "release":
        this.subject.release(move.owner);
        this.model.release(move.owner);
        return [];
      case "trip":
        this.subject.tripNow();
        this.model.tripNow();
        return [];
      case "random": {
        // A breaker that has missed versions may owe draws: they come first.
        const values = this.#compare();
        this.#draws.fix(move.draws);
        this.subject.draws.fix(move.draws);
        return values;
      }
    }
  }

  #begin(id: string): readonly DifferentValue[] {
    if (this.#ids.has(id)) return [];
    const rejection = this.subject.begin(id);
    const admission = this.model.begin();
    if (admission.admitted) this.#ids.set(id, admission.id);
    const seen: Omit<Extract<Admission, { admitted: false }>, "admitted"> | undefined = rejection &&
      { reason: rejection.reason, retryAfterMs: rejection.retryAfterMs ?? null };
    const allowed = admission.admitted
      ? undefined
      : { reason: admission.reason, retryAfterMs: admission.retryAfterMs };
    return different("rejection", allowed, seen);
  }

  async #settle(
    { id, as, holdAfterMs }: Extract<Move, { kind: "settle" }>,
  ): Promise<readonly DifferentValue[]> {
    const call = this.#ids.get(id);
    if (call === undefined) return [];
    await this.subject.settle(id, as, holdAfterMs);
    const details = {
      opened: this.subject.stoodOpen,
      ...(holdAfterMs !== undefined && { holdAfterMs }),
    };
    this.#total(this.model.settle(call, as, details), as);
    return [];
  }

  #total(verdict: Verdict, as: Outcome): void {
    const totals = this.#totals;
    if (verdict === "ignored" || verdict === "stale") return;
    if (as === "success") totals.successes++;
    else totals.failures++;
    if (as === "timeout") totals.timeouts++;
  }

  /**
   * A step back is looked at on both sides of it: time counts "as far as
   * anybody looked" (R16), and production settles a call of a closed breaker
   * without a look where time changes nothing.
   */
  #advance(ms: number): readonly DifferentValue[] {
    const before = ms < 0 ? this.#compare() : [];
    this.subject.clock.advance(ms);
    this.model.advance(ms);
    return ms < 0 ? [...before, ...this.#compare()] : before;
  }

  #restore(
    { document: wanted, ageMs = 0 }: Extract<Move, { kind: "restore" }>,
  ): readonly DifferentValue[] {
    const document = wanted && restoredUnder(wanted, this.#policy);
    const values = this.#compare();
    const before = this.subject.restore(document, ageMs);
    this.model.restore({ ageMs, ...(document && { policy: effective(document) }) });
    if (document !== undefined) this.#policy = document;
    if (document !== undefined || ageMs !== 0) return values;
    const after = this.subject.breaker.snapshot();
    return [...values, ...different("snapshot", JSON.stringify(before), JSON.stringify(after))];
  }

  #kept(): Kept {
    const { holds, probeTimes, evidence: { lastFailureAtMs }, nowMs } = this.model.remember();
    const running = [...holds.ends].filter(([, endMs]) => endMs > nowMs);
    return {
      holds: Object.fromEntries(running.map(([owner, endMs]) => [owner, endMs - nowMs]).sort()),
      askedLeftMs: Math.max(0, holds.askedUntilMs - nowMs),
      slowestProbeMs: probeTimes.longestMs,
      lastFailureMsAgo: lastFailureAtMs === undefined ? null : nowMs - lastFailureAtMs,
    };
  }

  #compare(): readonly DifferentValue[] {
    const allowed = this.model.observe();
    const { breaker } = this.subject;
    const peek = breaker.peek();
    const refusal = peek.admitted ? undefined : peek;
    const { lifetime, ...counts } = breaker.counts;
    const snapshot = breaker.snapshot();
    const seen: Record<keyof Observation, unknown> = {
      ...counts,
      state: breaker.state,
      reason: refusal?.reason ?? null,
      retryAfterMs: refusal?.retryAfterMs ?? null,
      transitions: this.subject.transitions,
      enteredAtMs: this.subject.enteredAtMs,
      trippedBy: snapshot.trip?.criterion ?? null,
      wouldOpen: this.subject.wouldOpen,
      held: peek.heldForMs ?? null,
    };
    const { believed, real } = this.subject.callsInFlight;
    const { successes, failures, timeouts } = lifetime;
    return [
      ...Object.entries(allowed).flatMap(([name, value]) => {
        const found = Object.entries(seen).find(([key]) => key === name)?.[1];
        return agrees(name, value, found) ? [] : [{ name, allowed: value, seen: found }];
      }),
      ...different("policy", effective(this.#policy), breaker.policy),
      ...different("calls in flight", real, believed),
      ...different("what is kept", this.#kept(), keptIn(snapshot)),
      ...different("totals", this.#totals, { successes, failures, timeouts }),
    ];
  }
}

/** What a snapshot keeps for what shows later, or never in what can be observed. */
interface Kept {
  readonly holds: Readonly<Record<string, number>>;
  readonly askedLeftMs: number;
  readonly slowestProbeMs: number;
  readonly lastFailureMsAgo: number | null;
}

function keptIn({ holds, askedLeftMs, slowestProbeMs, lastFailureMsAgo }: BreakerSnapshot): Kept {
  return {
    holds: Object.fromEntries(holds.map(({ owner, leftMs }) => [owner, leftMs] as const).sort()),
    ...{ askedLeftMs, slowestProbeMs, lastFailureMsAgo },
  };
}

function effective(policy: Policy): ReturnType<typeof resolvePolicy> {
  return resolvePolicy(assertPolicy("of the history", policy));
}

function different(name: string, allowed: unknown, seen: unknown): readonly DifferentValue[] {
  return JSON.stringify(allowed) === JSON.stringify(seen) ? [] : [{ name, allowed, seen }];
}

function agrees(name: string, allowed: unknown, seen: unknown): boolean {
  if (name === "trippedBy" && Array.isArray(allowed)) {
    return seen === null ? allowed.length === 0 : allowed.includes(seen);
  }
  if (name === "wouldOpen" && allowed === null) return true;
  if (isRange(allowed)) {
    return typeof seen === "number" && seen >= allowed.min && seen <= allowed.max;
  }
  return JSON.stringify(allowed) === JSON.stringify(seen);
}

function isRange(value: unknown): value is Range {
  return typeof value === "object" && value !== null && "min" in value;
}
