import { Reading, toMs } from "../../time/timeline.ts";
import { Admission } from "../admission.ts";
import { type CallerAbort, classifyAbort, classifyError } from "../classify.ts";
import type { BreakerCore } from "../core.ts";
import { refuse } from "../plain_call.ts";
import { FAILURE, IGNORED, type OutcomeBits, SUCCESS, TIMEOUT } from "../window/outcome.ts";
import { type Limited, ProducerTime } from "./producer_time.ts";
import type { StreamLimits, StreamOptions } from "./stream_options.ts";

/**
 * A stream as the breaker counts it: one call that was admitted, takes as long
 * as its producer is waited for, and has one outcome. What comes after that
 * outcome changes nothing.
 */
export class StreamCall {
  readonly time: ProducerTime;
  readonly #core: BreakerCore;
  readonly #options: StreamOptions;
  readonly #admission: Admission;
  #isCounted = false;

  private constructor(
    core: BreakerCore,
    options: StreamOptions,
    admission: Admission,
    time: ProducerTime,
  ) {
    this.#core = core;
    this.#options = options;
    this.#admission = admission;
    this.time = time;
  }

  /**
   * Asks for the admission of a stream, which `owner` is told of limits of.
   *
   * @throws {BreakerOpenError} If the breaker refuses it.
   */
  static admit(
    core: BreakerCore,
    { limits, options }: { readonly limits: StreamLimits; readonly options: StreamOptions },
    owner: Limited,
  ): StreamCall {
    const { firstMs, idleMs, ownTotalMs } = limits;
    core.look(); // the policy's limit is the one in force now
    const total = ownTotalMs ?? (core.policy.timeoutMs || Infinity);
    const untilFirstMs = Math.min(firstMs, total);
    const admission = core.admit(untilFirstMs === Infinity ? 0 : untilFirstMs);
    if (admission === undefined) throw refuse(core);
    core.announce();
    const { clock, timeline } = core.host;
    const limitsMs = { first: firstMs, idle: idleMs, total };
    return new StreamCall(
      core,
      options,
      admission,
      new ProducerTime({ clock, timeline, limitsMs }, owner),
    );
  }

  /** An item came: as a probe the stream has succeeded (R27). */
  item(): void {
    this.time.item();
    if (this.#admission.probe !== undefined) this.#settle(SUCCESS);
  }

  /** The stream is exhausted. */
  succeed(): void {
    this.#settle(SUCCESS);
  }

  /** It counts for nothing. */
  ignore(): void {
    this.#settle(IGNORED);
  }

  /** A limit of it is over, of which `error` tells. */
  timeOut(error: unknown): void {
    this.#settle(FAILURE | TIMEOUT, error);
  }

  /** The producer threw. */
  fail(error: unknown): void {
    const core = this.#core;
    this.#count((call) => {
      const bits = classifyError(core.host, core.name, error, this.#options);
      core.conclude(call, bits, error, this.#options);
    });
  }

  /** The caller's signal was aborted while the producer was waited for. */
  abort(abort: CallerAbort): void {
    const core = this.#core;
    this.#count((call) =>
      core.settle(call, classifyAbort(core.host, core.name, abort, this.#options), abort.reason)
    );
  }

  /** How long the producer was waited for until now. */
  waitedMs(): number {
    return toMs(this.time.waited(this.#core.host.timeline.now()));
  }

  #settle(bits: OutcomeBits, outcome?: unknown): void {
    this.#count((call) => this.#core.settle(call, bits, outcome));
  }

  #count(settle: (call: Admission) => void): void {
    this.time.stand();
    if (this.#isCounted) return;
    this.#isCounted = true;
    settle(this.#timed());
  }

  /** The admission as if the call had taken no longer than its producer was waited for. */
  #timed(): Admission {
    const { epoch, probe, notes } = this.#admission;
    const core = this.#core;
    const now = core.host.timeline.now();
    const start = new Reading(now - this.time.waited(now));
    const { usedAt } = core;
    const admission = new Admission(core, start, { epoch, probe, notes });
    core.usedAt = usedAt; // its use was when it was admitted
    return admission;
  }
}
