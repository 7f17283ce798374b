import { Ticks } from "../../time/ticks.ts";
import { type InstantSource, type Nanos, Reading } from "../../time/timeline.ts";
import { type OutcomeBits, SUCCESS } from "../window/outcome.ts";
import type { Audience } from "./audience.ts";
import { type CallWatcher, type Happening, type Settlement, TICK } from "./call_watcher.ts";
import type { RejectionReason } from "./refusal.ts";

/** What those who watch answered to an admission, as far as they answered. */
export class WatchNotes {
  readonly watcher: CallWatcher;
  readonly note: unknown;
  readonly others: WatchNotes | undefined;

  /** Creates the notes with one more. */
  constructor(watcher: CallWatcher, note: unknown, others: WatchNotes | undefined) {
    this.watcher = watcher;
    this.note = note;
    this.others = others;
  }
}

/** An admitted call, as those see it who watch. */
export interface WatchedCall {
  readonly start: Reading;
  /** Present if it is a probe. */
  readonly probe: object | undefined;
  readonly notes: WatchNotes | undefined;
}

/** Something that is to be told. */
interface Told {
  /** Tells one who watches. */
  tell(watcher: CallWatcher): void;
}

/** How and when a call settled. */
export type SettlementDetails = Pick<Settlement, "startedAt" | "at" | "bits" | "isStale">;

/** A settlement that is to be told. */
class ToldSettlement implements Settlement, Told {
  startedAt: Nanos = NaN;
  at: Nanos = NaN;
  bits: OutcomeBits = SUCCESS;
  isStale = false;
  isProbe = false;
  note: unknown;
  notes: WatchNotes | undefined;

  tell(watcher: CallWatcher): void {
    let { notes } = this;
    while (notes !== undefined && notes.watcher !== watcher) notes = notes.others;
    this.note = notes?.note; // what this one has answered to the admission
    watcher.settled?.(this);
  }
}

/** Who is watched. */
export interface CallWatchOptions {
  /** Hears of watchers that fail. */
  readonly audience: Audience;
  readonly breaker: string;
  /** The time of all breakers of the host. */
  readonly source: InstantSource;
}

/**
 * The place of a breaker where those hang on who watch its calls. It is there
 * only while somebody does. What happens waits here until the entry into the
 * breaker that brought it about is complete, and is then told in order.
 */
export class CallWatch {
  /** The breaker's epoch while nothing follows from a fast success, else -1. */
  steady = -1;
  readonly #options: CallWatchOptions;
  #watchers: readonly CallWatcher[] = [];
  /** Time as the breaker sees it; `undefined`: exactly. */
  #ticks: Ticks | undefined;
  #present: Reading | undefined;
  #lastNotes: WatchNotes | undefined;
  /** Tells of fast successes, one after the other. */
  readonly #success = new ToldSettlement();
  /** What waits, and what is being told. */
  #line: Told[] = [];
  #isTelling = false;

  /** Creates the place, without anybody who watches. */
  constructor(options: CallWatchOptions) {
    this.#options = options;
  }

  /** Reads the clock, once for an entry into the breaker. */
  read(): Reading {
    const reading = this.#options.source.read();
    const present = this.#ticks === undefined ? reading : this.#ticks.read(reading.at);
    if (present !== this.#present) this.#present = present;
    return present;
  }

  /** The reading of an instant that was read just now. */
  readingAt(at: Nanos): Reading {
    return this.#present?.at === at ? this.#present : new Reading(at);
  }

  /** An instant at which a call was admitted, as the breaker sees time. */
  startOf(at: Nanos): Nanos {
    return this.#ticks?.floor(at) ?? at;
  }

  /** Whether nobody watches any more. */
  get isOver(): boolean {
    return this.#watchers.length === 0;
  }

  /** Whether somebody is to be told of every admission. */
  get hearsAdmissions(): boolean {
    return this.#watchers.some((watcher) => watcher.hearsAdmissions);
  }

  /** Lets one more watch from `now` on. */
  add(watcher: CallWatcher, now: Nanos): void {
    this.#change([...this.#watchers, watcher], now);
  }

  /** Lets one fewer watch. */
  remove(watcher: CallWatcher, now: Nanos): void {
    this.#change(this.#watchers.filter((each) => each !== watcher), now);
  }

  #change(watchers: readonly CallWatcher[], now: Nanos): void {
    this.flush(); // what happened before is not for who comes, and is for who goes
    this.#watchers = watchers;
    this.#lastNotes = undefined;
    if (!watchers.some(({ countsTicks }) => countsTicks)) this.#ticks = undefined;
    else this.#ticks ??= new Ticks(now, TICK);
  }

  /** Tells of an admission at once, because what is answered goes with the call. */
  admitted(at: Nanos, isProbe: boolean): WatchNotes | undefined {
    this.flush();
    let notes: WatchNotes | undefined;
    for (const watcher of this.#watchers) {
      if (!isProbe && !watcher.hearsAdmissions) continue;
      const note = this.#ask(watcher, at, isProbe);
      if (note !== undefined) notes = new WatchNotes(watcher, note, notes);
    }
    return this.#lastNotes = areSame(notes, this.#lastNotes) ? this.#lastNotes : notes;
  }

  #ask(watcher: CallWatcher, at: Nanos, isProbe: boolean): unknown {
    try {
      return watcher.admitted?.(at, isProbe);
    } catch (error) {
      this.#report(error);
      return undefined;
    }
  }

  /** A fast success settled, from which nothing follows: it is told at once. */
  succeeded(call: WatchedCall, startedAt: Nanos, at: Nanos): void {
    if (this.#isTelling || this.#line.length > 0) {
      this.settled(call, { startedAt, at, bits: SUCCESS, isStale: false });
      return;
    }
    const success = this.#success;
    success.startedAt = startedAt;
    success.at = at;
    success.notes = call.notes;
    this.#isTelling = true;
    for (const watcher of this.#watchers) this.#tell(watcher, success);
    this.#isTelling = false;
  }

  /** An admitted call settled. */
  settled(call: WatchedCall, how: SettlementDetails): void {
    const settlement = Object.assign(new ToldSettlement(), how);
    settlement.isProbe = call.probe !== undefined;
    settlement.notes = call.notes;
    this.#line.push(settlement);
  }

  /** A call was refused. */
  refused(reason: RejectionReason, at: Nanos): void {
    this.#line.push({ tell: (watcher) => watcher.refused?.(reason, at) });
  }

  /** Something else happened. */
  happened(happening: Happening): void {
    this.#line.push({ tell: (watcher) => watcher.happened?.(happening) });
  }

  /** Tells what waits. `false`: that is being done already, and listeners have to wait for it. */
  flush(): boolean {
    if (this.#isTelling) return false;
    if (this.#line.length > 0) this.#tellLine();
    return true;
  }

  #tellLine(): void {
    this.#isTelling = true;
    // What a watcher brings about is put in line meanwhile.
    for (const told of this.#line) {
      for (const watcher of this.#watchers) this.#tell(watcher, told);
    }
    this.#line = [];
    this.#isTelling = false;
  }

  #tell(watcher: CallWatcher, told: Told): void {
    try {
      told.tell(watcher);
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    const { audience, breaker } = this.#options;
    audience.report(breaker, "one who watches the calls failed", error);
  }
}

function areSame(one: WatchNotes | undefined, other: WatchNotes | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.watcher === other.watcher && one.note === other.note &&
    areSame(one.others, other.others);
}
