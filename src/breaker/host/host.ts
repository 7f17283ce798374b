import { verdict } from "../../call/verdict.ts";
import { type Logger, logSafely } from "../../log.ts";
import { BUILT_IN } from "../../time/burst_timeline.ts";
import { type Clock, systemClock } from "../../time/clock.ts";
import { type InstantSource, Timeline } from "../../time/timeline.ts";
import { systemWallClock, type WallClock } from "../../time/wall_clock.ts";
import type { Named } from "../events/audience.ts";
import { BreakerEmitter } from "../events/breaker_emitter.ts";
import type { BreakerEvents, BreakerListener } from "../events/events.ts";
import type { ReadyToTrip } from "../trip/ready_to_trip.ts";
import type { Counts } from "../window/counts.ts";
import type { BreakerSettings, Classification } from "./settings.ts";

/** What breakers share that were created together: time, chance, callbacks and listeners. */
export class BreakerHost {
  readonly clock: Clock;
  readonly timeline: InstantSource;
  readonly wallClock: WallClock;
  // What every call asks stands here, where all hosts have it: settings differ in their form.
  readonly isIgnored: Classification["isIgnored"] | undefined;
  readonly isFailure: Classification["isFailure"] | undefined;
  readonly isResultFailure: Classification["isResultFailure"] | undefined;
  readonly holdAfter: Classification["holdAfter"] | undefined;
  readonly freshErrors: boolean;
  readonly failureMessages: boolean;
  /** Listeners to all breakers of this host; `undefined`: there never was one. */
  emitter: BreakerEmitter | undefined;
  /** Is told of each breaker that must not be lost from now on; `undefined`: nobody keeps the breakers. */
  keeper: ((breaker: Named) => void) | undefined;
  readonly #random: () => number;
  readonly #logger: Logger;
  readonly #readyToTrip: ReadyToTrip | undefined;

  /** Creates a host from the settings of its breakers. */
  constructor(settings: BreakerSettings) {
    this.clock = settings.clock ?? systemClock;
    this.timeline = settings.clock === undefined ? BUILT_IN : Timeline.of(settings.clock);
    this.isIgnored = settings.isIgnored;
    this.isFailure = settings.isFailure;
    this.isResultFailure = settings.isResultFailure;
    this.holdAfter = settings.holdAfter;
    const { clock } = settings;
    this.wallClock = settings.wallClock ??
      (clock === undefined ? systemWallClock : () => clock.now());
    this.freshErrors = settings.freshErrors ?? true;
    this.failureMessages = settings.failureMessages ?? true;
    this.#random = settings.random ?? Math.random;
    this.#logger = settings.logger ?? console;
    this.#readyToTrip = settings.readyToTrip;
  }

  /** Adds a listener to all breakers of this host. */
  on<K extends keyof BreakerEvents>(type: K, listener: BreakerListener<K>): () => void {
    return (this.emitter ??= new BreakerEmitter()).on(type, listener);
  }

  /** Says that a callback of the user's failed; the breaker goes on without it. */
  report(breaker: string, what: string, error: unknown): void {
    logSafely(this.#logger, "error", `Breaker "${breaker}": ${what}`, { breaker, error });
  }

  /** Says what somebody should set otherwise. */
  warn(breaker: string, what: string, fields: Record<string, unknown>): void {
    logSafely(this.#logger, "warn", `Breaker "${breaker}": ${what}`, { breaker, ...fields });
  }

  /** The time of day in milliseconds since 1970; `undefined`: the wall clock cannot tell. */
  timeOfDay(): number | undefined {
    try {
      const ms = this.wallClock();
      return Number.isFinite(ms) ? ms : undefined;
    } catch {
      return undefined;
    }
  }

  /** The next draw in [0, 1); 0, and a report, if the source gives none. */
  draw(breaker: string): number {
    try {
      const draw = this.#random();
      if (draw >= 0 && draw < 1) return draw;
      this.report(breaker, "random() must give a number in [0, 1), using 0", draw);
    } catch (error) {
      this.report(breaker, "random() failed, using 0", error);
    }
    return 0;
  }

  /** Whether the criterion in code holds; `undefined`: there is none. */
  readyToTrip(breaker: string, counts: Counts): boolean | undefined {
    if (this.#readyToTrip === undefined) return undefined;
    try {
      return verdict("readyToTrip", this.#readyToTrip(Object.freeze(counts))) === true;
    } catch (error) {
      this.report(breaker, "readyToTrip failed, not opening by it", error);
      return false;
    }
  }
}
