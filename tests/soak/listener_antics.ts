import { BreakerOpenError } from "../../mod.ts";
import type { Chance } from "./chance.ts";
import type { SoakContext } from "./soak_context.ts";
import type { TrackedBreaker } from "./tracked_breaker.ts";

const EVENTS = ["stateChange", "reject", "staleResult", "policyChange"] as const;
const ANTICS = ["throws", "rejects", "looks", "calls", "resets", "leaves"] as const;

/** How many events one bad listener hears. */
const HEARS = 6;

/** Adds a listener that misbehaves in one way for some events, and is then taken off. */
export function addBadListener(
  tracked: TrackedBreaker,
  chance: Chance,
  { tally }: SoakContext,
): void {
  const { breaker } = tracked;
  const antic = chance.pick(ANTICS);
  const event = chance.pick(EVENTS);
  let heard = 0;
  const remove = breaker.on(event, () => {
    if (++heard >= HEARS) remove();
    // One that calls back hears of what comes of that; it does so once at a time.
    if (tracked.listening > 0) return;
    tally.add(`listener:${antic}`);
    tracked.listening++;
    try {
      return misbehave();
    } finally {
      tracked.listening--;
    }
  });
  const misbehave = (): void | Promise<void> => {
    switch (antic) {
      case "throws":
        throw new Error("A listener fails");
      case "rejects":
        return Promise.reject(new Error("A listener fails later"));
      case "looks":
        breaker.snapshot();
        breaker.peek();
        return;
      case "calls":
        tracked.doSync(() => "called from a listener", {
          fallback: (error) => {
            // A refusal that a listener to refusals brings about is not announced.
            if (event === "reject" && error instanceof BreakerOpenError) tracked.rejected(error);
            return "refused";
          },
        });
        return;
      case "resets":
        tracked.reset();
        return;
      case "leaves":
        remove();
    }
  };
}
