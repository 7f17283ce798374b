import { Ticks } from "../../time/ticks.ts";
import { type InstantSource, type Nanos, Reading } from "../../time/timeline.ts";
import { type OutcomeBits, SUCCESS } from "../window/outcome.ts";
import type { Audience } from "./audience.ts";
import { type CallWatcher, type Happening, type Settlement, TICK } from "./call_watcher.ts";
import type { RejectionReason } from "./refusal.ts";

/** What one who watches answered to an admission, and what the others did. */
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

/** What is told of a settlement; used again once it has been told. */
class ToldSettlement implements Settlement {
  startedAt: Nanos = NaN;
  at: Nanos = NaN;
  bits: OutcomeBits = SUCCESS;
  isStale = false;
  isProbe = false;
  note: unknown;
  notes: WatchNotes | undefined;

  /** Tells one who watches, with what that one has answered to the admission. */
  tell(watcher: CallWatcher): void {
    let { notes } = this;
    while (notes !== undefined && notes.watcher !== watcher) notes = notes.others;
    this.note = notes?.note;
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
  readonly #options: CallWatchOptions;
  #watchers: readonly CallWatcher[] = [];
  /** The breaker's epoch while nothing follows from a fast success, else -1. */
  steady = -1;
  /** Time as the breaker sees it; `undefined`: exactly. */
  #ticks: Ticks | undefined;
  #present: Reading | undefined;
  #lastNotes: WatchNotes | undefined;
  /** The first settlement that waits, if nothing else waits before it: most are told from here, and leave nothing behind. */
  readonly #settlement = new ToldSettlement();
  readonly #success = new ToldSettlement();
  #settlementWaits = false;
  #waiting: ((watcher: CallWatcher) => void)[] = [];
  #telling = false;

  /** Creates the place, without anybody who watches. */
  constructor(options: CallWatchOptions) {
    this.#options = options;
  }

  /** Reads the clock, once for an entry into the breaker. */
  read(): Reading {
    const reading = this.#options.source.read();
    return this.#present = this.#ticks?.read(reading.at) ?? reading;
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
    this.#lastNotes = undefined;
    this.#watchers = watchers;
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

  /** A fast success from which nothing follows, so that it is told at once. */
  succeeded(call: WatchedCall, startedAt: Nanos, at: Nanos): void {
    if (this.#telling || this.#settlementWaits || this.#waiting.length > 0) {
      this.settled(call, startedAt, at, SUCCESS, false);
      return;
    }
    const settlement = this.#success;
    settlement.startedAt = startedAt;
    settlement.at = at;
    settlement.notes = call.notes;
    this.#telling = true;
    const watchers = this.#watchers;
    for (let i = 0; i < watchers.length; i++) {
      try {
        settlement.tell(watchers[i]!);
      } catch (error) {
        this.#report(error);
      }
    }
    this.#telling = false;
    if (this.#waiting.length > 0) this.flush();
  }

  /** An admitted call settled. */
  settled(
    call: WatchedCall,
    startedAt: Nanos,
    at: Nanos,
    bits: OutcomeBits,
    isStale: boolean,
  ): void {
    const isFirst = !this.#settlementWaits && !this.#telling && this.#waiting.length === 0;
    const settlement = isFirst ? this.#settlement : new ToldSettlement();
    settlement.startedAt = startedAt;
    settlement.at = at;
    settlement.bits = bits;
    settlement.isStale = isStale;
    settlement.isProbe = call.probe !== undefined;
    settlement.notes = call.notes;
    if (isFirst) this.#settlementWaits = true;
    else this.#waiting.push((watcher) => settlement.tell(watcher));
  }

  /** A call was refused. */
  refused(reason: RejectionReason, at: Nanos): void {
    this.#waiting.push((watcher) => watcher.refused?.(reason, at));
  }

  /** Something else happened. */
  happened(happening: Happening): void {
    this.#waiting.push((watcher) => watcher.happened?.(happening));
  }

  /** Tells what waits. `false`: that is being done already, and listeners have to wait for it. */
  flush(): boolean {
    if (this.#telling) return false;
    this.#telling = true;
    if (this.#settlementWaits) {
      for (let i = 0; i < this.#watchers.length; i++) {
        try {
          this.#settlement.tell(this.#watchers[i]!);
        } catch (error) {
          this.#report(error);
        }
      }
      this.#settlementWaits = false;
    }
    for (let i = 0; i < this.#waiting.length; i++) {
      const tell = this.#waiting[i];
      if (tell !== undefined) this.#tellAll(tell);
    }
    if (this.#waiting.length > 0) this.#waiting = [];
    this.#telling = false;
    return true;
  }

  #tellAll(tell: (watcher: CallWatcher) => void): void {
    for (const watcher of this.#watchers) {
      try {
        tell(watcher);
      } catch (error) {
        this.#report(error);
      }
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
