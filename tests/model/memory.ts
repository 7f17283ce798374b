import type { Criterion } from "./criteria.ts";
import type { Crossings } from "./crossings.ts";
import type { Evidence } from "./evidence.ts";
import type { HalfOpen } from "./half_open.ts";
import type { Holds } from "./holds.ts";
import type { Probe, ProbeTimes } from "./probe_times.ts";

/** A stay in open. */
export interface Opening {
  readonly kind: "open";
  readonly openedAtMs: number;
  readonly draw: number;
}

/** What state the model is in, and what belongs to that state alone. */
export type Phase =
  | { readonly kind: "closed" }
  | Opening
  | HalfOpen;

/** A call in flight. */
export interface Call {
  readonly epoch: number;
  readonly begunAtMs: number;
  /** Of a call that was admitted in half-open. */
  readonly probe: Probe | undefined;
}

/** What time alone makes, and when. */
export interface Due {
  readonly atMs: number;
  readonly make: () => void;
}

/** All that decides what the model does from now on, besides its policy and mode; instants are since the start. */
export interface Memory {
  readonly nowMs: number;
  readonly epoch: number;
  /** By the model's own ids. */
  readonly calls: ReadonlyMap<number, Call>;
  readonly phase: Phase;
  readonly evidence: Evidence;
  readonly reopenings: number;
  readonly trippedBy: readonly Criterion[];
  readonly crossings: Crossings;
  readonly holds: Holds;
  readonly probeTimes: ProbeTimes;
}
