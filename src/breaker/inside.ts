import { LAYER_KIND, type LayerKind } from "../call/layer_kind.ts";
import type { Clock } from "../time/clock.ts";
import { classifyError } from "./classify.ts";
import type { BreakerCore } from "./core.ts";
import type { Classification } from "./host/settings.ts";
import type { BreakerOpenError } from "./rejection.ts";

/**
 * Where a breaker answers what integrations and compositions ask beyond its public face. A
 * registered symbol, because a program can hold two copies of this package, and one cannot read
 * the private fields of the other's breakers. What stands here stays: an older copy reads it, too.
 */
const INSIDE = Symbol.for("@switchgear/breaker/inside");

/** What a breaker answers there. */
export interface BreakerInside {
  /** The clock that it was given. */
  readonly clock: Clock;
  /** The predicate that it was given; `undefined`: none. */
  readonly isIgnored: Classification["isIgnored"] | undefined;
  /** The predicate that it was given; `undefined`: none. */
  readonly isFailure: Classification["isFailure"] | undefined;
  /** Whether a call that ends with an error is a failure, by the breaker's own settings. */
  fails(error: unknown): boolean;
  /** Says to the breaker's logger that a callback of the user's failed. */
  report(what: string, error: unknown): void;
  /** The error for a call that the breaker has just refused. */
  refusal(): BreakerOpenError;
}

/** Has the breakers of a class answer there, and say to compositions that they are breakers. */
export function answerInside<B extends object>(
  breakers: { readonly prototype: B },
  coreOf: (breaker: B) => BreakerCore,
): void {
  const kind: LayerKind = "breaker";
  Object.defineProperty(breakers.prototype, LAYER_KIND, { value: kind });
  Object.defineProperty(breakers.prototype, INSIDE, {
    value(this: B): BreakerInside {
      return new CoreInside(coreOf(this));
    },
  });
}

/** What a breaker answers, of this copy of the package or of another; nothing: it does not. */
export function askInside(breaker: object): BreakerInside | null | undefined {
  const ask: unknown = Reflect.get(breaker, INSIDE);
  const answer: unknown = typeof ask === "function" ? Reflect.apply(ask, breaker, []) : undefined;
  return isInside(answer) ? answer : undefined;
}

function isInside(answer: unknown): answer is BreakerInside | null {
  return typeof answer === "object";
}

/** A class, because a guard asks at each call: that makes one object, and no closures. */
class CoreInside implements BreakerInside {
  readonly #core: BreakerCore;

  constructor(core: BreakerCore) {
    this.#core = core;
  }

  get clock(): Clock {
    return this.#core.host.clock;
  }

  get isIgnored(): Classification["isIgnored"] | undefined {
    return this.#core.host.isIgnored;
  }

  get isFailure(): Classification["isFailure"] | undefined {
    return this.#core.host.isFailure;
  }

  fails(error: unknown): boolean {
    const { host, name } = this.#core;
    return classifyError(host, name, error) > 0;
  }

  report(what: string, error: unknown): void {
    const { host, name } = this.#core;
    host.report(name, what, error);
  }

  refusal(): BreakerOpenError {
    return this.#core.permitError();
  }
}
