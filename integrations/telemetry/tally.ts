import type { Breaker } from "../../src/breaker/breaker.ts";
import type { StateName } from "../../src/breaker/events/state_name.ts";
import type { LifetimeCounts } from "../../src/breaker/window/counts.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { labelOf } from "./label.ts";
import { type Entry, NamedSeries, Need } from "./named_series.ts";
import type { Series } from "./totals.ts";

/** Breakers with series of their own unless the user says otherwise: four outcomes of each stay below OpenTelemetry's limit of 2000 per metric. */
export const DEFAULT_MAX_NAMES = 400;

/** Whose breakers are counted. */
export type Counted = Pick<Provider, "on" | "breakers" | "heldBreakers">;

/** A breaker as it was found at a reading. */
interface Found {
  readonly seen: Seen;
  readonly lifetime: LifetimeCounts;
  readonly state: StateName;
  readonly need: Need;
}

/** What is kept of a breaker from one reading to the next. */
interface Seen {
  readonly label: string;
  /** What it had counted when it was last read. */
  lifetime: LifetimeCounts | undefined;
}

/**
 * Reads what the breakers of a provider count anyway and keeps it by name, so
 * that no counter falls when a breaker is collected and made anew. The first
 * `maxNames` names have a series of their own, and all that are not closed; the
 * others share one, however many come. A name whose breaker is gone makes room
 * for another.
 *
 * Between readings it only counts transitions, which no breaker counts itself.
 */
export class Tally implements Disposable {
  readonly #provider: Counted;
  readonly #series: NamedSeries;
  readonly #seen = new WeakMap<Breaker, Seen>();
  readonly #stop: readonly (() => void)[];

  /** Begins to count the transitions of a provider's breakers. */
  constructor(provider: Counted, maxNames: number) {
    this.#provider = provider;
    this.#series = new NamedSeries(maxNames);
    this.#stop = [
      provider.on("stateChange", ({ breaker, to }) => {
        const need = to === "closed" ? Need.closed : Need.open;
        const entry = this.#series.of(labelOf(breaker), need);
        entry.need = need;
        entry.isTold = false;
        entry.totals.transitions[to]++;
      }),
      provider.on("wouldOpen", ({ breaker }) => {
        this.#series.of(labelOf(breaker)).totals.wouldOpen++;
      }),
    ];
  }

  /** The name under which a breaker is reported; `undefined`: among those that share a series. */
  labelOf(name: string): string | undefined {
    return this.#series.of(labelOf(name)).label;
  }

  /** Every series there is. Reading makes the transitions that are due and creates no breaker. */
  read(): Series[] {
    const all = this.#find();
    this.#share(all);
    const states = new Map<Entry, Record<StateName, number>>();
    for (const { seen, lifetime, state } of all) {
      const entry = this.#series.own(seen.label) ?? this.#series.overflow;
      entry.totals.add(lifetime, seen.lifetime);
      seen.lifetime = lifetime;
      let counted = states.get(entry);
      if (counted === undefined) states.set(entry, counted = noStates());
      counted[state]++;
    }
    const read = this.#series.all().map((entry) => ({
      label: entry.label,
      totals: entry.totals,
      states: states.get(entry) ?? noStates(),
    }));
    this.#series.end();
    return read;
  }

  /** Stops counting; what was counted stays. */
  [Symbol.dispose](): void {
    for (const stop of this.#stop) stop();
  }

  #find(): Found[] {
    // The provider's own come first. A copy, because a listener that a reading wakes may create breakers.
    let held = this.#provider.heldBreakers;
    return [...this.#provider.breakers()].map((breaker) => {
      const isHeld = held-- > 0;
      let seen = this.#seen.get(breaker);
      if (seen === undefined) {
        this.#seen.set(breaker, seen = { label: labelOf(breaker.name), lifetime: undefined });
      }
      const { lifetime } = breaker.counts;
      const { state } = breaker;
      const closed = isHeld ? Need.closed : Need.loose;
      return { seen, lifetime, state, need: state === "closed" ? closed : Need.open };
    });
  }

  /** Finds out who has a series of its own. */
  #share(all: readonly Found[]): void {
    const series = this.#series;
    series.begin();
    const without: Found[] = [];
    for (const found of all) {
      const own = series.own(found.seen.label);
      if (own === undefined) without.push(found);
      else if (own.need < found.need) own.need = found.need;
    }
    series.settle();
    without.sort((one, other) => other.need - one.need);
    for (const { seen, need } of without) series.claim(seen.label, need);
  }
}

function noStates(): Record<StateName, number> {
  return { closed: 0, open: 0, "half-open": 0 };
}
