import type { BreakerFleet } from "./breaker_fleet.ts";
import type { LiveCounts } from "./live_counts.ts";
import { holdings, MemoryWatch } from "./memory_watch.ts";
import { after } from "./real_timers.ts";
import { resourceFaults } from "./resource_bounds.ts";
import type { SoakContext } from "./soak_context.ts";

/** How much later than its limit a call may settle: the machine has others to serve, too. */
const SLACK_MS = 5_000;
/** A round of looks at breakers lasts so long at most, and so long is the pause after it. */
const ROUND_MS = 8;
const PAUSE_MS = 40;
const COUNT_MS = 100;
/** So many samples of the memory are taken, but none sooner after the last than this. */
const SAMPLES = 120;
const SAMPLE_MS = 1_500;

/** Watches over a soak while it runs. */
export class Supervision {
  readonly memory: MemoryWatch = new MemoryWatch();
  readonly #context: SoakContext;
  readonly #fleet: BreakerFleet;
  readonly #live: LiveCounts;
  readonly #sampleMs: number;
  #looks = 0;
  #worstLagMs = 0;

  /** Watches over a soak that lasts `forMs`. */
  constructor(context: SoakContext, options: {
    readonly fleet: BreakerFleet;
    readonly live: LiveCounts;
    readonly forMs: number;
  }) {
    this.#context = context;
    this.#fleet = options.fleet;
    this.#live = options.live;
    this.#sampleMs = Math.max(SAMPLE_MS, options.forMs / SAMPLES);
  }

  /** Breakers that were looked at, each as often as it was. */
  get looks(): number {
    return this.#looks;
  }

  /** The longest that a turn of the event loop came late, in milliseconds. */
  get worstLagMs(): number {
    return this.#worstLagMs;
  }

  /** Watches until the soak ends. */
  async run(): Promise<void> {
    await Promise.all([this.#lookAtBreakers(), this.#count(), this.#sample()]);
  }

  async #lookAtBreakers(): Promise<void> {
    while (!this.#context.isOver) {
      let endsAt = performance.now() + ROUND_MS;
      for (const _ of this.#fleet.checks()) {
        this.#looks++;
        if (performance.now() < endsAt) continue;
        await after(PAUSE_MS);
        if (this.#context.isOver) return;
        endsAt = performance.now() + ROUND_MS;
      }
      await after(PAUSE_MS);
    }
  }

  async #count(): Promise<void> {
    const { ledger, violations } = this.#context;
    while (!this.#context.isOver) {
      const begunAt = performance.now();
      await after(COUNT_MS);
      this.#worstLagMs = Math.max(this.#worstLagMs, performance.now() - begunAt - COUNT_MS);
      ledger.reportOverdue(SLACK_MS);
      const { timers, listeners } = this.#live;
      const descriptors = this.memory.last?.fds ?? 0;
      violations.addAll(
        "timers, listeners and descriptors belong to calls in flight",
        resourceFaults({ timers, listeners, descriptors }, ledger),
      );
    }
  }

  async #sample(): Promise<void> {
    let dueAt = performance.now();
    while (!this.#context.isOver) {
      if (performance.now() >= dueAt) {
        this.memory.add(performance.now(), holdings());
        dueAt += this.#sampleMs;
      }
      await after(COUNT_MS);
    }
  }
}
