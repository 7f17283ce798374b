import type { Mode } from "../../src/policy/policy.ts";
import type { Outcome } from "../model/observation.ts";

/** One thing that can happen to a breaker. Policies are named by their place in the scope. */
export type Event =
  /** Somebody looks. */
  | { readonly kind: "look" }
  | { readonly kind: "begin" }
  /** Ends the call at this place among those in flight, the oldest first; a failure may ask to be left alone for so long. */
  | {
    readonly kind: "settle";
    readonly place: number;
    readonly as: Outcome;
    readonly holdAfterMs?: number;
  }
  /** Time passes, and nobody looks. */
  | { readonly kind: "advance"; readonly ms: number }
  /** The clock is set back, and somebody looks before and after it. */
  | { readonly kind: "back"; readonly ms: number }
  | { readonly kind: "policy"; readonly index: number }
  /** The policy changes, and the breaker finds out when somebody looks. */
  | { readonly kind: "unseen policy"; readonly index: number }
  | { readonly kind: "mode"; readonly mode: Mode | null }
  | { readonly kind: "reset" }
  | { readonly kind: "restore" }
  /** Restored from a snapshot of this age. */
  | { readonly kind: "aged restore"; readonly ms: number }
  | { readonly kind: "hold"; readonly ms: number }
  | { readonly kind: "release" }
  | { readonly kind: "trip" }
  | { readonly kind: "random"; readonly draw: number };

/** Gives each event a number of 16 bits, so that millions of them take little room. */
export class EventBook {
  readonly #events: Event[] = [];
  readonly #codes = new Map<string, number>();

  /** The number of an event. */
  codeOf(event: Event): number {
    const key = Object.values(event).join();
    let code = this.#codes.get(key);
    if (code === undefined) {
      code = this.#events.push(event) - 1;
      if (code > 0xffff) throw new RangeError("Cannot number more than 65536 events");
      this.#codes.set(key, code);
    }
    return code;
  }

  /** The event that has a number. */
  eventOf(code: number): Event {
    const event = this.#events[code];
    if (event === undefined) throw new RangeError(`No event has the number ${code}`);
    return event;
  }
}
