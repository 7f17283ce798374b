/** The states as people see them. */
export type StateName = "closed" | "open" | "half-open";

/** Why a breaker changes its state. */
export type TransitionCause =
  | "tripped"
  | "open-timeout"
  | "probe-failure"
  | "probe-timeout"
  | "manual"
  | "recovered"
  | "reset"
  | "mode";
