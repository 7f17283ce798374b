import type { Nanos } from "../../time/timeline.ts";
import type { CompiledPolicy } from "./compiled_policy.ts";

/** How many times `openStateTimeout` a probe may take at most by what others have taught. */
const MOST_OPEN_TIMES = 10;

/**
 * How long the probes of a breaker may take, by its policy and by what overdue
 * probes have taught (R11). A reset puts another one in its place, so that a
 * probe from before it teaches nothing.
 */
export class ProbeTimes {
  #slowest: Nanos;

  /** Begins with the longest time after which an overdue probe succeeded; 0: none has. */
  constructor(slowest: Nanos = 0) {
    this.#slowest = slowest;
  }

  /** The longest time after which an overdue probe succeeded; 0: none has. */
  get slowest(): Nanos {
    return this.#slowest;
  }

  /** An overdue probe succeeded after so long. */
  learn(took: Nanos): void {
    this.#slowest = Math.max(this.#slowest, took);
  }

  /** How long a probe may take whose call may take `limit`; 0: as long as it likes. */
  allowed({ probeTimeout, openTime }: CompiledPolicy, limit: Nanos): Nanos {
    if (probeTimeout !== undefined) return probeTimeout;
    return Math.max(openTime, limit, Math.min(2 * this.#slowest, MOST_OPEN_TIMES * openTime));
  }
}
