import { type Breaker, BreakerOpenError } from "../../mod.ts";

const CALLERS = 8;
const PAUSE_MS = 2;
const HEALTHY_MS = 500;
const OUTAGE_MS = 1_500;
const PATIENCE_MS = 5_000;

/** A dependency that goes away and comes back while it is called. */
export interface OutageStory {
  readonly title: string;
  readonly breaker: Breaker;
  /** One call of the guarded client. */
  call(): Promise<unknown>;
  /** Takes the server away. */
  readonly down: { readonly how: string; run(): Promise<void> };
  /** Brings it back. */
  up(): Promise<void> | void;
  readonly write: (line: string) => void;
}

/**
 * Calls from several places at once while the server goes away and comes back, and tells how the
 * calls fared.
 *
 * @returns Whether the breaker opened, refused calls and closed, and calls were served again
 */
export async function tellOutage(story: OutageStory): Promise<boolean> {
  const { breaker, write } = story;
  write(`\n${story.title}`);
  const stop = breaker.on("stateChange", ({ from, to }) => write(`  breaker: ${from} -> ${to}`));
  const tally = new Tally();
  const callers = Array.from({ length: CALLERS }, () => tally.callUntilEnd(story.call));
  try {
    await sleep(HEALTHY_MS);
    write(`  healthy            ${tally.take().line}`);
    await story.down.run();
    write(`  server: ${story.down.how}`);
    await sleep(OUTAGE_MS);
    const outage = tally.take();
    write(`  during the outage  ${outage.line}`);
    await story.up();
    write("  server: back");
    const recovered = await holdsWithin(PATIENCE_MS, () => breaker.state === "closed");
    tally.take();
    await sleep(HEALTHY_MS);
    const after = tally.take();
    write(`  afterwards         ${after.line}`);
    return outage.refused > outage.failed && recovered && after.served > 0 && after.failed === 0;
  } finally {
    tally.end();
    await Promise.all(callers);
    stop();
  }
}

/** Waits, in real time, since servers and clients know no other. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** How calls ended since the tally was last taken. */
interface Tallied {
  readonly served: number;
  readonly failed: number;
  readonly refused: number;
  readonly line: string;
}

class Tally {
  #served = 0;
  #failed = 0;
  #refusalsMs: number[] = [];
  #ended = false;

  async callUntilEnd(call: () => Promise<unknown>): Promise<void> {
    while (!this.#ended) {
      const startedMs = performance.now();
      try {
        await call();
        this.#served++;
      } catch (error) {
        if (error instanceof BreakerOpenError) this.#refusalsMs.push(performance.now() - startedMs);
        else this.#failed++;
      }
      await sleep(PAUSE_MS);
    }
  }

  take(): Tallied {
    const [served, failed, refusals] = [
      this.#served,
      this.#failed,
      this.#refusalsMs.toSorted((a, b) => a - b),
    ];
    [this.#served, this.#failed, this.#refusalsMs] = [0, 0, []];
    const usual = refusals[refusals.length >> 1];
    const speed = usual === undefined ? "" : `, half of them within ${Math.ceil(usual * 1_000)} µs`;
    const line = `${served} served, ${failed} failed, ${refusals.length} refused${speed}`;
    return { served, failed, refused: refusals.length, line };
  }

  end(): void {
    this.#ended = true;
  }
}

async function holdsWithin(ms: number, holds: () => boolean): Promise<boolean> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) return false;
    await sleep(5);
  }
  return true;
}
