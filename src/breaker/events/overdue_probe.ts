import { formatDuration } from "../../time/duration.ts";

/** How late a probe was. */
export interface ProbeDelay {
  /** How long it took, in milliseconds. */
  readonly tookMs: number;
  /** After how long it counted as failed, in milliseconds. */
  readonly deadlineMs: number;
}

/** A probe settled at or after its deadline (R11). */
export interface OverdueProbeEvent extends ProbeDelay {
  /** Name of the breaker. */
  readonly breaker: string;
}

/** Says how late a probe was, and what to set. */
export function describeOverdueProbe({ tookMs, deadlineMs }: ProbeDelay): string {
  return `a probe took ${shown(tookMs)} and had failed after ${shown(deadlineMs)}: set ` +
    "halfOpen.probeTimeout to more if this dependency may take so long";
}

function shown(ms: number): string {
  return formatDuration(Math.round(ms));
}
