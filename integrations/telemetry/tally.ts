import type { Breaker } from "../../src/breaker/breaker.ts";
import type { StateName } from "../../src/breaker/events/state_name.ts";
import type { LifetimeCounts } from "../../src/breaker/window/counts.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { labelOf } from "./label.ts";
import { type Series, Totals } from "./totals.ts";

/** Breakers with series of their own unless the user says otherwise: four outcomes of each stay below OpenTelemetry's limit of 2000 per metric. */
export const DEFAULT_MAX_NAMES = 400;

interface Entry {
  readonly label: string | undefined;
  readonly totals: Totals;
}

/**
 * Reads what the breakers of a provider count anyway and keeps it by name, so
 * that no counter falls when a breaker is collected and made anew. The first
 * `maxNames` names have a series of their own for good; all others share one,
 * however many come.
 *
 * Between readings it only counts transitions, which no breaker counts itself.
 */
export class Tally implements Disposable {
  readonly #provider: Provider;
  readonly #maxNames: number;
  readonly #entries = new Map<string, Entry>();
  #overflow: Entry | undefined;
  /** Where each breaker is counted, and what it had counted when it was last read. */
  readonly #seen = new WeakMap<Breaker, { readonly entry: Entry; lifetime: LifetimeCounts }>();
  readonly #stop: readonly (() => void)[];

  /** Begins to count the transitions of a provider's breakers. */
  constructor(provider: Provider, maxNames: number) {
    this.#provider = provider;
    this.#maxNames = maxNames;
    this.#stop = [
      provider.on("stateChange", ({ breaker, to }) => {
        this.#entryOf(breaker).totals.transitions[to]++;
      }),
      provider.on("wouldOpen", ({ breaker }) => {
        this.#entryOf(breaker).totals.wouldOpen++;
      }),
    ];
  }

  /** The name under which a breaker is reported; `undefined`: among those that share a series. */
  labelOf(name: string): string | undefined {
    return this.#entryOf(name).label;
  }

  /** Every series there is. Reading makes the transitions that are due and creates no breaker. */
  read(): Series[] {
    const states = new Map<Entry, Record<StateName, number>>();
    // A copy, because a listener that a reading wakes may create breakers.
    for (const breaker of [...this.#provider.breakers()]) {
      const { lifetime } = breaker.counts;
      const entry = this.#count(breaker, lifetime);
      let counted = states.get(entry);
      if (counted === undefined) states.set(entry, counted = noStates());
      counted[breaker.state]++;
    }
    const entries = [...this.#entries.values()];
    if (this.#overflow !== undefined) entries.push(this.#overflow);
    return entries.map((entry) => ({ ...entry, states: states.get(entry) ?? noStates() }));
  }

  /** Stops counting; what was counted stays. */
  [Symbol.dispose](): void {
    for (const stop of this.#stop) stop();
  }

  #count(breaker: Breaker, lifetime: LifetimeCounts): Entry {
    const seen = this.#seen.get(breaker);
    const entry = seen?.entry ?? this.#entryOf(breaker.name);
    entry.totals.add(lifetime, seen?.lifetime);
    if (seen === undefined) this.#seen.set(breaker, { entry, lifetime });
    else seen.lifetime = lifetime;
    return entry;
  }

  #entryOf(name: string): Entry {
    const label = labelOf(name);
    const known = this.#entries.get(label);
    if (known !== undefined) return known;
    if (this.#entries.size >= this.#maxNames) {
      return this.#overflow ??= { label: undefined, totals: new Totals() };
    }
    const entry = { label, totals: new Totals() };
    this.#entries.set(label, entry);
    return entry;
  }
}

function noStates(): Record<StateName, number> {
  return { closed: 0, open: 0, "half-open": 0 };
}
