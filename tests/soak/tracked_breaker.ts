import {
  type Breaker,
  type CallOptions,
  type Duration,
  type Layer,
  type LifetimeCounts,
  type Operation,
  type Outcome,
  parseDuration,
  type Permit,
  type RejectEvent,
  type StaleResultEvent,
  type StateChangeEvent,
  type SyncCallOptions,
} from "../../mod.ts";
import { BreakerAccount } from "./breaker_account.ts";
import { inspect } from "./inspection.ts";
import type { Judgement } from "./judged_call.ts";
import { ProbeDeadlines, probeTimeMs } from "./probe_deadlines.ts";
import { after } from "./real_timers.ts";
import type { SoakContext } from "./soak_context.ts";
import { type Admitted, type EndedRun, TrackedCall } from "./tracked_call.ts";
import { TransitionCheck } from "./transition_check.ts";

/** How often a probe past its deadline must be found again, and after how long each time. */
const CONFIRMATIONS = 3;
const CONFIRMED_AFTER_MS = 5;

/** What is known of a breaker that is tracked. */
export interface TrackedBreakerOptions {
  readonly context: SoakContext;
  /** Whether its policy stays as it is. */
  readonly hasFixedPolicy: boolean;
  /** What it has counted already. @default nothing */
  readonly lifetime?: LifetimeCounts;
}

/** A permit, and who is to be told what becomes of it. */
export interface TrackedPermit {
  readonly permit: Permit;
  /** The permit is about to be settled. */
  readonly settling: () => void;
  /** The permit was settled, at first with this outcome. */
  readonly settled: (outcome: Outcome) => void;
  /** The permit is never settled. */
  readonly forget: () => void;
}

/**
 * A breaker and all that can be known of it from outside: what its calls came
 * to, what it announced, and which calls are in flight. Each call through it is
 * checked against that. It is a layer, and stands where a breaker would.
 */
export class TrackedBreaker implements Layer {
  readonly breaker: Breaker;
  /** Whether it has been in the mode `disabled`, and so left calls uncounted. */
  isPartial = false;
  /** Above 0 while a listener calls back, before all that happened is announced. */
  listening = 0;
  readonly #context: SoakContext;
  readonly #account: BreakerAccount;
  readonly #transitions: TransitionCheck;
  readonly #probes = new ProbeDeadlines();
  #hasFixedPolicy: boolean;
  #changes = 0;
  #pending = 0;
  #calls = 0;

  /** Tracks a breaker; its events have to be handed over. */
  constructor(breaker: Breaker, { context, hasFixedPolicy, lifetime }: TrackedBreakerOptions) {
    this.breaker = breaker;
    this.#hasFixedPolicy = hasFixedPolicy;
    this.#context = context;
    this.#account = new BreakerAccount(lifetime);
    const { openStateTimeout, openBackoff } = breaker.policy;
    const shortestOpenMs = hasFixedPolicy ? openStateTimeout * (1 - (openBackoff?.jitter ?? 0)) : 0;
    this.#transitions = new TransitionCheck({ shown: breaker.state, shortestOpenMs });
  }

  /** Whether its policy has been the same since it was created. */
  get hasFixedPolicy(): boolean {
    return this.#hasFixedPolicy;
  }

  /** Its policy is about to change. */
  policyEdited(): void {
    this.#hasFixedPolicy = false;
    this.#transitions.forgetShortestOpen();
  }

  /** Resets the breaker: what is in flight is stale from now on, also where no transition tells. */
  reset(): void {
    this.breaker.reset();
    this.#changes++;
  }

  /** It announced a transition. */
  changed(event: StateChangeEvent): void {
    if (event.cause === "probe-timeout") {
      const faults = this.#probes.expiry(this.#changes, event.at);
      this.#violated("half-open ends at a probe's deadline", faults);
    }
    this.#changes++;
    this.#context.tally.add(`transition:${event.cause}`);
    this.#violated("transitions take the allowed edges", this.#transitions.take(event));
  }

  /** It announced a refusal, or made one that it does not announce. */
  rejected({ reason }: Pick<RejectEvent, "reason">): void {
    this.#context.tally.add(`refused:${reason}`);
    this.#account.announcedRefusal(reason);
  }

  /** It announced a stale result. */
  wentStale({ outcome }: StaleResultEvent): void {
    this.#context.tally.add("outcome:stale");
    this.#account.announcedStale(outcome);
  }

  /** Runs `operation` through the breaker. */
  do<T, F = never>(operation: Operation<T>, options?: CallOptions<F>): Promise<T | F> {
    const call = this.#begin(options?.timeout);
    // Half of the operations are left as they are: who listens hides what nobody handles.
    const isWatched = ++this.#calls % 2 === 0;
    const tracked: Operation<T> = (signal) => {
      call.start();
      const result = operation(signal);
      if (isWatched && result instanceof Promise) result.then(call.settling, call.settling);
      return result;
    };
    const promise = options === undefined
      ? this.breaker.do(tracked)
      : this.breaker.do(tracked, call.hearing(options));
    promise.then(
      (value) => call.end({ kind: "value", value }, options),
      (error) => call.end({ kind: "error", error }, options),
    );
    return promise;
  }

  /** Runs a synchronous `operation` through the breaker. */
  doSync<T, F = never>(operation: () => T, options: SyncCallOptions<F> = {}): T | F {
    const call = this.#begin();
    try {
      const value = this.breaker.doSync(() => {
        call.start();
        return operation();
      }, call.hearing(options));
      call.end({ kind: "value", value }, options);
      return value;
    } catch (error) {
      call.end({ kind: "error", error }, options);
      throw error;
    }
  }

  /** Runs `fn` through the breaker by `wrap`. */
  wrapped<T, F = never>(fn: () => T | PromiseLike<T>, options: CallOptions<F>): Promise<T | F> {
    const call = this.#begin(options.timeout);
    const promise = this.breaker.wrap(() => {
      call.start();
      return fn();
    }, call.hearing(options))();
    promise.then(
      (value) => call.end({ kind: "value", value }, options),
      (error) => call.end({ kind: "error", error }, options),
    );
    return promise;
  }

  /** Takes a permit, and calls `settled` or, where it never is, `forget` once. */
  acquire(): TrackedPermit | undefined {
    const permit = this.breaker.tryAcquire();
    const call = this.#begin();
    if (permit === undefined) {
      call.settle("refused");
      return undefined;
    }
    call.start();
    return {
      permit,
      settling: call.settling,
      settled: (outcome) => call.settle(outcome),
      forget: () => call.settle("not begun"),
    };
  }

  /** A call is made past this object; what is returned is to be told what became of it. */
  noteCall(): (judgement: Judgement) => void {
    const call = this.#begin();
    return (judgement) => call.settle(judgement);
  }

  /** Calls that have not ended. */
  get pending(): number {
    return this.#pending;
  }

  /** Looks at everything that the breaker shows. */
  check(): void {
    const { breaker } = this;
    const changes = this.#changes;
    const first = breaker.state;
    const { mode, policy, counts } = breaker;
    const peek = breaker.peek();
    const { lifetime } = counts;
    const state = breaker.state;
    // Between two looks time passes: what moved on in between says nothing.
    const stood = first === state && changes === this.#changes;
    if (stood) {
      const announced = this.#transitions.shown;
      const { hasFixedPolicy } = this;
      const view = { state, announced, mode, counts, policy, peek, hasFixedPolicy };
      this.#violated("what a breaker shows agrees with itself", inspect(view));
      if (counts.inFlight > this.#pending) {
        const seen = `${counts.inFlight} probes in flight, ${this.#pending} calls`;
        this.#violated("a probe's place comes back with its call", [seen]);
      }
    }
    this.#checkProbes(CONFIRMATIONS);
    if (this.#pending > 0) return;
    this.checkAccount(lifetime);
  }

  /**
   * Looks for a probe that is past its deadline. In a burst of calls a breaker may share a reading of the
   * clock, which is old once the process was suspended: what is found has to be found again in other turns.
   */
  #checkProbes(confirmations: number): void {
    const now = performance.now();
    const isStanding = this.breaker.state === "half-open" &&
      this.#transitions.shown === "half-open";
    const overdue = isStanding ? this.#probes.overdue(this.#changes, now) : [];
    if (overdue.length === 0) return;
    if (confirmations > 0) {
      after(CONFIRMED_AFTER_MS).then(() => this.#checkProbes(confirmations - 1));
    } else this.#violated("half-open ends at a probe's deadline", overdue);
  }

  /** Compares what was counted with what callers saw; nothing may be in flight. */
  checkAccount(lifetime: LifetimeCounts = this.breaker.counts.lifetime): void {
    const differences = this.#account.differences(lifetime, this.isPartial);
    this.#violated("each admitted call is counted once, each refusal once", differences);
  }

  /** A call begins, which may have a time limit of its own; `null`: none. */
  #begin(timeout?: Duration | null): TrackedCall {
    this.#pending++;
    return new TrackedCall(this.breaker.name, {
      onStart: () => this.#started(timeout),
      onEnd: (judgement, run) => this.#ended(judgement, run),
    });
  }

  #started(timeout: Duration | null | undefined): Admitted {
    if (this.#transitions.shown === "open" && this.listening === 0) {
      this.#violated("no operation starts while open", ["an operation was started"]);
    }
    const deadlineAt = performance.now() + this.#probeTimeMs(timeout);
    const transitions = this.#changes;
    const release = this.#probes.admit({ transitions, deadlineAt });
    return { release, isOutlived: () => this.#changes !== transitions };
  }

  #probeTimeMs(timeout: Duration | null | undefined): number {
    const { policy, state } = this.breaker;
    const limitMs = timeout === undefined ? policy.timeout ?? 0 : parseDuration(timeout ?? 0);
    // A snapshot writes out the window: it is taken only where the call may be a probe.
    const slowestMs = state === "closed" ? 0 : this.breaker.snapshot().slowestProbeMs;
    return probeTimeMs(policy, { limitMs, slowestMs });
  }

  #ended(judgement: Judgement, { runs, isOutlived }: EndedRun): void {
    this.#pending--;
    if (runs > 1) {
      this.#violated("an operation runs at most once", [`it ran ${runs} times`]);
    }
    if (judgement === "not begun") return;
    if (judgement === "refused") {
      if (runs > 0) this.#violated("a refused call never runs its operation", ["it ran"]);
      this.#account.refused();
      return;
    }
    this.#context.tally.add(`outcome:${judgement}`);
    this.#account.settled(judgement);
    // Of an operation that was cut short nobody knows when the breaker heard of it.
    if (isOutlived && judgement !== "timeout" && judgement !== "ignored") {
      this.#account.outlived(judgement);
    }
  }

  #violated(invariant: string, seen: readonly string[]): void {
    const { name } = this.breaker;
    this.#context.violations.addAll(invariant, seen.map((each) => `breaker "${name}": ${each}`));
  }
}
