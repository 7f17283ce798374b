import type { StateName } from "../../src/breaker/events/state_name.ts";
import type { FeedState } from "../../src/provider/feed.ts";
import type { LimitRule } from "./limit_rule.ts";
import type { RuleDocument } from "./rule_store.ts";

/** How many questions were decided, and by whom. */
export interface DecisionCounts {
  /** By Redis. */
  redis: number;
  /** By this process, as the rule's mode says. */
  local: number;
  /** By this process's share, as Redis did not answer. */
  share: number;
  /** By the rule's `onFailure`, as Redis did not answer. */
  failure: number;
  /** Of all these, those that were refused. */
  refused: number;
}

/** What is in force, and how it goes. */
export interface RedisRateLimiterStatus {
  /** The state of the breaker before Redis. */
  readonly breaker: StateName;
  /** Every rule in force, by name. */
  readonly rules: Readonly<Record<string, Readonly<LimitRule>>>;
  /** Every rule document of the backend, those that were refused with their faults. */
  readonly documents: readonly RuleDocument[];
  /** How the rules' backend is; absent: there is none. */
  readonly backend?: {
    /** Whether the rules in force are what it holds. */
    readonly state: FeedState;
    /** Why the last attempt at it failed; absent: it did not. */
    readonly lastError?: string;
  };
  /** Decisions since the start. */
  readonly decisions: Readonly<DecisionCounts>;
  /** Local limits that are remembered now. */
  readonly localResources: number;
}
