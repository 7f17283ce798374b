import { PolicyVersion } from "../../src/breaker/state/policy_line.ts";
import type { Counts } from "../../src/breaker/window/counts.ts";
import { assertPolicy } from "../../src/policy/parse_policy.ts";
import type { EffectivePolicy, Mode, Policy } from "../../src/policy/policy.ts";
import type { Outcome } from "../model/observation.ts";
import { withDeadline } from "../model/with_deadline.ts";

/** A part of all that can happen, small enough to be gone through. */
export interface Scope {
  readonly name: string;
  /** What it is there for. */
  readonly about: string;
  /** How many events a sequence has at most, unless somebody asks for more. */
  readonly depth: number;
  /** Length of one step of time in milliseconds: "just before" is one step before. */
  readonly tickMs: number;
  /** The first is in force at the start; the others are what it is edited to. Times are whole numbers of ticks. */
  readonly policies: readonly [Policy, ...Policy[]];
  /** How calls end. */
  readonly outcomes: readonly Outcome[];
  /** The modes set in code. */
  readonly modes?: readonly (Mode | null)[];
  /** The criterion in code, which goes by what the window holds alone. */
  readonly readyToTrip?: (counts: Omit<Counts, "consecutiveFailures">) => boolean;
  /** What `random` gives; the first at the start, the others after an event. @default [0] */
  readonly draws?: readonly number[];
  /** How long a hold may be. @default nobody holds */
  readonly holds?: readonly number[];
  /** For how long a failure may ask to be left alone. @default none asks */
  readonly asks?: readonly number[];
  /** How old the snapshots are that it is also restored from. @default none is */
  readonly ages?: readonly number[];
  /**
   * Calls time out and are cancelled by their caller's signal (R2), where a timeout
   * before this age is the caller's own fault, which the predicate ignores. @default by permits
   */
  readonly patienceMs?: number;
  /** Whether it is tripped by hand. @default false */
  readonly trips?: boolean;
  /**
   * Whether overdue probes teach how long probes take (R11), which makes many
   * states. Else a policy that gives probes no deadline is given the one that they
   * have before any has taught. @default false
   */
  readonly teaching?: boolean;
  /** Whether policies also change unseen, as under a provider. @default false */
  readonly unseen?: boolean;
  /** Whether the clock is set back. @default false */
  readonly back?: boolean;
}

/** A policy in the forms that both sides work with. */
export interface PreparedPolicy {
  readonly document: Policy;
  readonly effective: EffectivePolicy;
  readonly version: PolicyVersion;
}

/** A scope ready to be explored, and where differences in its values stop to matter. */
export class PreparedScope {
  readonly scope: Scope;
  readonly policies: readonly PreparedPolicy[];
  readonly #draws: readonly number[];
  /** More consecutive failures than this do what this many do. */
  readonly maxFailures: number;
  /** A call of this age is slow, and its caller patient, for good. 0: no age matters. */
  readonly maxAgeMs: number;
  /** More reopenings than this have the open time of this many. */
  readonly maxReopenings: number;
  /** A failure after a longer gap does what one after this gap does. 0: no gap matters. */
  readonly maxGapMs: number;
  /** An overdue probe that took longer teaches what one that took this long does. 0: none teaches. */
  readonly maxTeachingMs: number;
  /** Time windows lie alike after so long. 0: there is none. */
  readonly periodMs: number;

  constructor(scope: Scope) {
    this.scope = scope;
    this.#draws = scope.draws ?? [0];
    this.policies = scope.policies.map((given) => {
      const document = scope.teaching === true ? given : withDeadline(given);
      const version = new PolicyVersion([assertPolicy(`of scope ${scope.name}`, document)], 0);
      return { document, effective: version.compiled.effective, version };
    });
    const effective = this.policies.map((policy) => policy.effective);
    this.maxFailures = Math.max(...effective.map((policy) => policy.failureThreshold));
    const slow = effective.flatMap(({ slowCallThreshold }) => slowCallThreshold ?? []);
    const ages = scope.patienceMs === undefined ? slow : [...slow, scope.patienceMs];
    this.maxAgeMs = ages.length === 0 ? 0 : Math.max(...ages) + scope.tickMs;
    const gaps = effective.flatMap(({ failureThresholdWithin }) => failureThresholdWithin ?? []);
    this.maxGapMs = gaps.length === 0 ? 0 : Math.max(...gaps) + scope.tickMs;
    this.maxTeachingMs = Math.max(
      ...effective.map(({ halfOpen, openStateTimeout }) =>
        halfOpen.probeTimeout === undefined ? 5 * openStateTimeout : 0
      ),
    );
    this.maxReopenings = Math.max(...effective.map(reopeningsToCap));
    const durations = effective.flatMap(({ window }) =>
      window.kind === "time" ? window.duration : []
    );
    this.periodMs = durations.length === 0 ? 0 : durations.reduce(leastCommonMultiple);
    if (this.periodMs > 0 && scope.back) {
      throw new RangeError("Cannot set the clock back under a time window: it would lie elsewhere");
    }
  }

  /** The policy at a place. */
  policy(index: number): PreparedPolicy {
    const policy = this.policies[index];
    if (policy === undefined) {
      throw new RangeError(`Scope ${this.scope.name} has no policy ${index}`);
    }
    return policy;
  }

  /** The draw at a place; 0 where the scope says nothing. */
  draw(index: number): number {
    return this.#draws[index] ?? 0;
  }

  /** What `random` may give. */
  get draws(): readonly number[] {
    return this.#draws;
  }
}

/** How many reopenings it takes until the open time grows no more. */
function reopeningsToCap({ openBackoff, openStateTimeout }: EffectivePolicy): number {
  if (openBackoff === undefined || openBackoff.multiplier === 1) return 0;
  const { multiplier, maxTimeout } = openBackoff;
  let reopenings = 0;
  while (openStateTimeout * multiplier ** reopenings < maxTimeout) reopenings++;
  return reopenings;
}

function leastCommonMultiple(one: number, other: number): number {
  let multiple = one;
  while (multiple % other !== 0) multiple += one;
  return multiple;
}
