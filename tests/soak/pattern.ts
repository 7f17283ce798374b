import type { Chance } from "./chance.ts";
import type { PatternCall } from "./pattern_call.ts";
import type { SoakContext } from "./soak_context.ts";
import type { TrackedBreaker } from "./tracked_breaker.ts";

/** A pattern under load. */
export interface Pattern {
  readonly name: string;
  /** The longest that a call without a caller's abort may take, in milliseconds. */
  readonly limitMs: number;
  /** Timers and abort listeners that one call may have at once. */
  readonly resources: number;
  /** Whether a call ends although its operation never does. */
  readonly endsHangs: boolean;
  /** Whether an operation that runs ends its call by itself, also after an abort. @default false */
  readonly leavesAborts?: boolean;
  /** Makes one call. */
  run(call: PatternCall): Promise<unknown>;
  /** Whether a value is a right answer. @default what the call's own operation resolves to */
  isAnswer?(call: PatternCall, value: unknown): boolean;
  /** Notes the end of a call that it ran so often. */
  ended?(runs: number): void;
  /** Does what operators do, from time to time. */
  adjust?(chance: Chance): void;
  /** Closes what has to be closed. */
  close?(): Promise<void>;
}

/** What patterns are built with. */
export interface PatternParts {
  readonly context: SoakContext;
  readonly chance: Chance;
  /** A new breaker to put inside. */
  breaker(name: string): TrackedBreaker;
}
