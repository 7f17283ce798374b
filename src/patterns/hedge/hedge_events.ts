/** Why a hedge was sent: nothing had answered within the delay, or an attempt had failed. */
export type HedgeCause = "slow" | "failed";

/** A hedge was sent, or answered first. */
export interface HedgeEvent {
  /** Name of the hedge. */
  readonly hedge: string;
  /** Which attempt of its call it is: 2 is the first hedge. */
  readonly attempt: number;
}

/** The events of a {@linkcode Hedge}. */
export interface HedgeEvents {
  /** A hedge was sent, and why. */
  hedge: HedgeEvent & { readonly cause: HedgeCause };
  /** A hedge answered first. */
  win: HedgeEvent;
  /** A hedge was due and the budget had none left; the call goes on with the attempts it has. */
  budgetExhausted: { readonly hedge: string };
}

/** Totals since a hedge was created. */
export interface HedgeCounts {
  /** Calls that were started. */
  readonly calls: number;
  /** Hedges that were sent. */
  readonly hedges: number;
  /** Calls that a hedge answered first. */
  readonly wins: number;
  /** Calls that went on without a hedge because the budget had none left. */
  readonly refused: number;
}
