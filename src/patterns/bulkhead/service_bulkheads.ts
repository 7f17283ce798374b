import { OptionsCheck } from "../../check/check_options.ts";
import { clockOf, loggerOf } from "../../check/services.ts";
import { KEPT } from "../../collections/giving_way.ts";
import { HeldByName } from "../../collections/held_by_name.ts";
import { Emitter, type Listener } from "../../emitter.ts";
import type { Logger } from "../../log.ts";
import type { Clock } from "../../time/clock.ts";
import { Bulkhead } from "./bulkhead.ts";
import {
  type BulkheadEvents,
  type BulkheadLimits,
  checkLimits,
  LIMIT_FIELDS,
  type PartialBulkheadLimits,
} from "./bulkhead_options.ts";

/** What {@linkcode createServiceBulkheads} takes. */
export interface ServiceBulkheadsOptions {
  /** The limits of every service, as far as it has none of its own. */
  defaults: BulkheadLimits;
  /** Limits of single services by name; what they leave out is taken from `defaults`. @default {} */
  services?: Record<string, PartialBulkheadLimits> | undefined;
  /** Bulkheads that are kept although nobody uses or holds them; those in use are kept beyond that. @default 10_000 */
  maxServices?: number | undefined;
  /** The source of time. @default systemClock */
  clock?: Clock | undefined;
  /** Hears of listeners that throw. @default console */
  logger?: Logger | undefined;
}

const FIELDS: readonly (keyof ServiceBulkheadsOptions)[] = [
  "defaults",
  "services",
  "maxServices",
  "clock",
  "logger",
];

/**
 * A bulkhead per service, by name. Created by {@linkcode createServiceBulkheads}.
 *
 * @example Usage
 * ```ts
 * import { createServiceBulkheads } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const bulkheads = createServiceBulkheads({
 *   defaults: { maxConcurrent: 20, maxQueued: 50, maxWait: "1s" },
 *   services: { reports: { maxConcurrent: 2 } },
 * });
 * assert.equal(await bulkheads.get("reports").do(() => Promise.resolve("report")), "report");
 * assert.equal(bulkheads.get("users").limits.maxConcurrent, 20);
 * ```
 */
export class ServiceBulkheads {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #emitter = new Emitter<BulkheadEvents>({ reject: new Set() });
  readonly #bulkheads: HeldByName<Bulkhead>;
  #defaults: BulkheadLimits;
  #services: Map<string, PartialBulkheadLimits>;

  /** As {@linkcode createServiceBulkheads}. */
  constructor(options: ServiceBulkheadsOptions) {
    const check = new OptionsCheck("create service bulkheads");
    check.known(options, FIELDS);
    const { defaults, services = {}, maxServices = 10_000 } = options;
    this.#clock = clockOf(check, options.clock);
    this.#logger = loggerOf(check, options.logger);
    this.#defaults = checkedDefaults(defaults);
    if (typeof services !== "object" || services === null || Array.isArray(services)) {
      throw new TypeError(
        'Cannot create service bulkheads: "services" must be an object of limits by name',
      );
    }
    this.#services = new Map();
    for (const [name, settings] of Object.entries(services)) {
      merged(name, this.#defaults, settings);
      this.#services.set(name, { ...settings });
    }
    this.#bulkheads = new HeldByName<Bulkhead>({
      maxHeld: check.integer("maxServices", maxServices, { min: 1 }),
      create: (name) => this.#create(name),
      worth: (bulkhead) => bulkhead.isIdle ? 0 : KEPT,
    });
  }

  /** Bulkheads that are kept now. */
  get size(): number {
    return this.#bulkheads.size;
  }

  /**
   * The bulkhead of a service, made if there is none: the same object for the
   * same name, for as long as anybody uses or holds it.
   *
   * @param name The service's name, any text.
   * @returns The bulkhead that all calls to the service share.
   * @throws {TypeError} If `name` is no text.
   */
  get(name: string): Bulkhead {
    if (typeof name !== "string") new OptionsCheck("get service bulkhead").text("name", name);
    return this.#bulkheads.get(name);
  }

  /** Every bulkhead there is, in no particular order. */
  [Symbol.iterator](): IterableIterator<Bulkhead> {
    return this.#bulkheads.all();
  }

  /**
   * Replaces the limits of a service's own; what they leave out is taken from
   * the defaults. They hold from now on, as `setLimits` of a bulkhead has it, and stand
   * in for what was set on the bulkhead itself.
   *
   * @param name The service's name.
   * @param settings Its limits; `null`: it has none of its own.
   * @throws {TypeError} If a limit is unknown or of the wrong type; nothing is changed then.
   * @throws {RangeError} If one is out of range; nothing is changed then.
   */
  setService(name: string, settings: PartialBulkheadLimits | null): void {
    new OptionsCheck("change service bulkheads").text("name", name);
    const limits = merged(name, this.#defaults, settings ?? {});
    if (settings === null) this.#services.delete(name);
    else this.#services.set(name, { ...settings });
    this.#bulkheads.find(name)?.setLimits(limits);
  }

  /**
   * Replaces the defaults, for the bulkheads that there are and for those to come.
   *
   * @param defaults The limits of every service, as far as it has none of its own.
   * @throws {TypeError} If a limit is unknown or of the wrong type; nothing is changed then.
   * @throws {RangeError} If one is out of range; nothing is changed then.
   */
  setDefaults(defaults: BulkheadLimits): void {
    this.#defaults = checkedDefaults(defaults);
    for (const bulkhead of [...this.#bulkheads.all()]) {
      bulkhead.setLimits(this.#limitsOf(bulkhead.name));
    }
  }

  /**
   * Calls `listener` with each event of one kind of every bulkhead; what it
   * throws is reported and harms nothing.
   *
   * @returns What removes the listener again.
   */
  on<K extends keyof BulkheadEvents>(type: K, listener: Listener<BulkheadEvents, K>): () => void {
    return this.#emitter.on(type, listener);
  }

  #create(name: string): Bulkhead {
    const options = { ...this.#limitsOf(name), name, clock: this.#clock, logger: this.#logger };
    return new Bulkhead(options, this.#emitter);
  }

  #limitsOf(name: string): Required<BulkheadLimits> {
    return merged(name, this.#defaults, this.#services.get(name) ?? {});
  }
}

function checkedDefaults(defaults: BulkheadLimits): BulkheadLimits {
  const check = new OptionsCheck("set defaults of service bulkheads");
  check.known(defaults, LIMIT_FIELDS);
  checkLimits(defaults, check);
  return { ...defaults };
}

/** The limits of a service, each of which is its own or the default. */
function merged(
  name: string,
  defaults: BulkheadLimits,
  settings: PartialBulkheadLimits,
): Required<BulkheadLimits> {
  const check = new OptionsCheck(`set limits of service bulkhead "${name}"`);
  check.known(settings, LIMIT_FIELDS);
  const {
    maxConcurrent = defaults.maxConcurrent,
    maxQueued = defaults.maxQueued ?? 0,
    maxWait = defaults.maxWait ?? null,
  } = settings;
  const limits = { maxConcurrent, maxQueued, maxWait };
  checkLimits(limits, check);
  return limits;
}

/**
 * Creates bulkheads for services by name: one per service, so that a service
 * that hangs takes only its own slots.
 *
 * Any number of names may come up: once there are `maxServices`, a new one takes
 * the place of one that nobody uses or listens to. As long as somebody still holds that
 * one, it is found again under its name; else it is made anew, with the same
 * settings.
 *
 * @example Usage
 * ```ts
 * import { createServiceBulkheads } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const bulkheads = createServiceBulkheads({ defaults: { maxConcurrent: 20 } });
 * const users = bulkheads.get("users");
 * bulkheads.setService("users", { maxConcurrent: 5 });
 * assert.equal(users.limits.maxConcurrent, 5);
 * ```
 *
 * @param options The limits, and what else it takes.
 * @returns The bulkheads, none yet made.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function createServiceBulkheads(options: ServiceBulkheadsOptions): ServiceBulkheads {
  return new ServiceBulkheads(options);
}
