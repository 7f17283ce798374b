import type { DifferentValue } from "../model/differential_run.ts";
import { noteState, noteStep } from "./coverage.ts";
import { type Event, EventBook } from "./event.ts";
import { nextEvents } from "./next_events.ts";
import { NodeStore } from "./node_store.ts";
import { Pair } from "./pair.ts";
import { type CoreMaker, REAL_CORE } from "./production.ts";
import { PreparedScope, type Scope } from "./scope.ts";
import { signatureOf } from "./signature.ts";
import { digestOf, StateSet } from "./state_set.ts";

/** A shortest sequence of events after which production does what the model does not allow. */
export interface FoundDifference {
  readonly events: readonly Event[];
  /** What the last of them shows. */
  readonly values: readonly DifferentValue[];
}

/** How far a search has come. */
export interface Progress {
  /** Length of the sequences that have all been tried. */
  readonly depth: number;
  /** Distinct states found, each after a look. */
  readonly states: number;
  /** Events that were tried on a state and compared. */
  readonly steps: number;
  /** Whether every state that can be reached at all has been gone through. */
  readonly complete: boolean;
  readonly difference: FoundDifference | undefined;
}

/** What a search is to do besides. */
export interface SearchOptions {
  /** Makes the machine of a breaker. @default {@linkcode REAL_CORE} */
  readonly makeCore?: CoreMaker;
  /** Is given the signature of each state that is found to be new. */
  readonly onState?: (signature: readonly number[]) => void;
}

/** Marks what stands for a state that nobody has looked at; no signature begins with it. */
const UNSEEN = -1;

/**
 * Goes through all sequences of events of a scope, the shortest first, and does
 * not go on from a state that was reached before. A breaker cannot be copied,
 * so each step makes a new one and has the whole sequence happen to it again.
 * On the way there nobody looks but where an event says so: a wait that runs
 * past something due leads to one state where nobody has looked yet, which is
 * not counted, and by a look to another one.
 *
 * What is taken for granted: a look at which nothing is due changes nothing;
 * calls in flight that nothing tells apart may settle in either order; and
 * states with one signature have one future.
 */
export class Search {
  /** What has been reached, in words. */
  readonly reached = new Set<string>();
  readonly #scope: PreparedScope;
  readonly #makeCore: CoreMaker;
  readonly #onState: (signature: readonly number[]) => void;
  readonly #book = new EventBook();
  readonly #nodes = new NodeStore();
  readonly #seen = new StateSet();
  #states = 0;
  #steps = 0;
  #depth = 0;
  /** The first node that has not been gone on from. */
  #next = 0;
  #difference: FoundDifference | undefined;

  constructor(scope: Scope, options: SearchOptions = {}) {
    this.#scope = new PreparedScope(scope);
    this.#makeCore = options.makeCore ?? REAL_CORE;
    this.#onState = options.onState ?? (() => {});
    const start = new Pair(this.#scope, this.#makeCore);
    const values = start.compare();
    if (values.length > 0) this.#difference = { events: [], values };
    this.#addState(start, { parent: 0, event: { kind: "look" } });
  }

  /** How far it has come. */
  get progress(): Progress {
    return {
      depth: this.#depth,
      states: this.#states,
      steps: this.#steps,
      complete: this.#next === this.#nodes.size,
      difference: this.#difference,
    };
  }

  /** Goes on from every state that the longest sequences so far lead to; not at all after a difference. `goesOn` is asked now and then. */
  deepen(goesOn: () => boolean = () => true): boolean {
    const end = this.#nodes.size;
    for (; this.#next < end; this.#next++) {
      if (this.#difference !== undefined) return false;
      if (this.#next % 256 === 0 && !goesOn()) return false;
      this.#goOnFrom(this.#next);
    }
    this.#depth++;
    return this.#difference === undefined;
  }

  #goOnFrom(index: number): void {
    const node = this.#nodes.at(index);
    const way = this.#nodes.wayTo(index).map((code) => this.#book.eventOf(code));
    for (const event of nextEvents(this.#replayed(way), node.unseen)) {
      const pair = this.#replayed(way);
      const endsUnseen = event.kind === "unseen policy" ||
        (event.kind === "advance" && (node.unseen > 0 || looksMatter(pair, event.ms)));
      const values = this.#take(pair, event, endsUnseen);
      this.#steps++;
      noteStep(pair, event, this.reached);
      if (values.length > 0) {
        this.#difference = { events: [...way, event], values };
        return;
      }
      if (endsUnseen) {
        const code = this.#book.codeOf(event);
        const { high, low } = digestOf([UNSEEN, node.high, node.low, code]);
        if (!this.#seen.add({ high, low })) continue;
        this.#nodes.add({ parent: index, code, high, low, unseen: node.unseen + 1 });
      } else {
        this.#addState(pair, { parent: index, event });
      }
    }
  }

  /** Both sides after a sequence in which there was no difference. */
  #replayed(way: readonly Event[]): Pair {
    const pair = new Pair(this.#scope, this.#makeCore);
    for (const event of way) pair.take(event);
    return pair;
  }

  #take(pair: Pair, event: Event, endsUnseen: boolean): readonly DifferentValue[] {
    try {
      const answered = pair.take(event);
      return endsUnseen || answered.length > 0 ? answered : pair.compare();
    } catch (error) {
      return [{ name: "error", allowed: undefined, seen: String(error) }];
    }
  }

  #addState(pair: Pair, { parent, event }: { parent: number; event: Event }): void {
    const signature = signatureOf(pair);
    const digest = digestOf(signature);
    if (!this.#seen.add(digest)) return;
    this.#states++;
    this.#onState(signature);
    noteState(pair, this.reached);
    this.#nodes.add({ parent, code: this.#book.codeOf(event), ...digest, unseen: 0 });
  }
}

/** Whether somebody who looks after this wait may find something due; else a look is taken to change nothing. */
function looksMatter({ model, scope }: Pair, ms: number): boolean {
  return model.dueInMs <= ms || scope.periodMs > 0;
}
