import type { Breaker } from "../../breaker/breaker.ts";
import { insideOf } from "../../breaker/inside_of.ts";
import { BreakerOpenError } from "../../breaker/rejection.ts";
import { formatDuration } from "../../time/duration.ts";
import type { Bulkhead } from "../bulkhead/bulkhead.ts";
import { BulkheadFullError } from "../bulkhead/bulkhead_full_error.ts";
import type { Layer } from "../layer.ts";
import { RateLimitedError } from "../rate_limit/rate_limited_error.ts";
import type { QuotaLimiter } from "../rate_limit/rate_limiter.ts";
import { isAnyOf, isLayer } from "./layer_kinds.ts";
import { layerName } from "./layer_name.ts";
import type { OrderWarning, OrderWarningCode } from "./order_warning.ts";

/** A layer, and those outside of it, the nearest first. */
interface Place {
  readonly layer: Layer<unknown>;
  readonly outside: readonly Layer<unknown>[];
}

/** Says what is wrong with a layer, given those outside of it. */
type Rule = (place: Place) => OrderWarning | undefined;

const RULES: readonly Rule[] = [
  retryOutsideBreaker,
  timeoutLongerInside,
  fallbackInsideBreaker,
  limitInsideBreaker,
  waitLongerThanTimeout,
  layerTwice,
];

/**
 * What is known to be wrong with the order of `layers`, outermost first, as
 * their settings are now: of each layer and each kind of mistake the nearest.
 */
export function orderWarnings(layers: readonly Layer<unknown>[]): OrderWarning[] {
  const found: OrderWarning[] = [];
  for (const [index, layer] of layers.entries()) {
    const place = { layer, outside: layers.slice(0, index).reverse() };
    for (const rule of RULES) {
      const warning = rule(place);
      if (warning !== undefined) found.push(warning);
    }
  }
  return found;
}

function retryOutsideBreaker({ layer, outside }: Place): OrderWarning | undefined {
  if (!isLayer(layer, "breaker")) return undefined;
  const retry = reachedBy(outside).find((outer) =>
    isLayer(outer, "retry") && outer.retries(rejectionOf(layer))
  );
  return retry && warn("retry-outside-breaker", retry, layer, {
    why: "retries what the breaker rejects, and so works against it while it is open",
    remedy: "put the retry inside the breaker, or let its shouldRetry refuse a BreakerOpenError",
  });
}

function rejectionOf({ name }: Breaker): BreakerOpenError {
  return new BreakerOpenError({ breaker: name, state: "open", reason: "open" });
}

function fallbackInsideBreaker({ layer, outside }: Place): OrderWarning | undefined {
  if (!isAnyOf(layer, ["fallback", "cache"])) return undefined;
  const breaker = outside.find((outer) => isLayer(outer, "breaker"));
  return breaker && warn("fallback-inside-breaker", breaker, layer, {
    why: "never sees the failures that are answered inside of it, and so never opens for them",
    remedy: "put the fallback outside the breaker",
  });
}

function limitInsideBreaker({ layer, outside }: Place): OrderWarning | undefined {
  if (!(isLayer(layer, "limiter") || isLayer(layer, "bulkhead"))) return undefined;
  const breakers = reachedBy(outside).filter((outer) => isLayer(outer, "breaker"));
  if (breakers.length === 0) return undefined;
  const refusal = refusalOf(layer);
  const breaker = breakers.find((outer) => countsAsFailure(outer, refusal));
  return breaker && warn("limit-inside-breaker", breaker, layer, {
    why: "counts the refusals of a limit inside of it as failures of the dependency",
    remedy:
      `put the limit outside the breaker, or let the breaker's isIgnored take a ${refusal.name}`,
  });
}

/** What a limit refuses calls with. */
function refusalOf(limit: QuotaLimiter | Bulkhead): Error {
  if (isLayer(limit, "limiter")) return new RateLimitedError(limit.name, 0);
  const { name, active, queued } = limit;
  return new BulkheadFullError({ bulkhead: name, reason: "full", active, queued });
}

function countsAsFailure(breaker: Breaker, error: unknown): boolean {
  return insideOf(breaker).fails(error);
}

function timeoutLongerInside({ layer, outside }: Place): OrderWarning | undefined {
  const limitMs = timeLimitMs(layer);
  const outer = limitMs === undefined ? undefined : shorter(outside, limitMs);
  return outer && warn("timeout-longer-inside", outer.layer, layer, {
    why: `ends calls after ${formatDuration(outer.limitMs)}, before the limit inside of it, ` +
      `${formatDuration(limitMs ?? 0)}, is ever reached`,
    remedy: "make the inner limit shorter, or leave it out",
  });
}

function waitLongerThanTimeout({ layer, outside }: Place): OrderWarning | undefined {
  const waitMs = waitLimitMs(layer);
  const outer = waitMs === undefined ? undefined : shorter(outside, waitMs);
  return outer && warn("wait-longer-than-timeout", outer.layer, layer, {
    why: `ends calls after ${formatDuration(outer.limitMs)}, while inside of it they may wait ` +
      `for ${formatDuration(waitMs ?? 0)} before they begin`,
    remedy: "make maxWait shorter, or put the time limit inside",
  });
}

/** The nearest time limit that is shorter than `ms`. */
function shorter(
  outside: readonly Layer<unknown>[],
  ms: number,
): { readonly layer: Layer<unknown>; readonly limitMs: number } | undefined {
  for (const layer of outside) {
    const limitMs = timeLimitMs(layer) ?? Infinity;
    if (limitMs < ms) return { layer, limitMs };
  }
  return undefined;
}

function timeLimitMs(layer: Layer<unknown>): number | undefined {
  if (isLayer(layer, "timeout")) return layer.limitMs;
  return isLayer(layer, "breaker") ? layer.policy.timeout : undefined;
}

/** How long a limit lets calls wait; `undefined`: not at all, or as long as the call itself may take. */
function waitLimitMs(layer: Layer<unknown>): number | undefined {
  if (!(isLayer(layer, "limiter") || isLayer(layer, "bulkhead"))) return undefined;
  const { longestMs } = layer.describe({ longestMs: 0, attempts: 1 });
  return longestMs > 0 && longestMs < Infinity ? longestMs : undefined;
}

function layerTwice({ layer, outside }: Place): OrderWarning | undefined {
  const counts = isAnyOf(layer, ["breaker", "bulkhead", "limiter"]);
  if (!counts || !outside.includes(layer)) return undefined;
  return warn("layer-twice", layer, layer, {
    why: "counts each call twice, and a call can be refused because of itself",
    remedy: "leave one of the two places out",
  });
}

/** The layers, the nearest first, that an error from inside reaches for certain. */
function reachedBy(outside: readonly Layer<unknown>[]): readonly Layer<unknown>[] {
  const end = outside.findIndex((layer) => !passesErrors(layer));
  return end < 0 ? outside : outside.slice(0, end);
}

/** A fallback may answer instead, and of a layer that is not known nothing is certain. */
function passesErrors(layer: Layer<unknown>): boolean {
  return isAnyOf(layer, ["breaker", "bulkhead", "limiter", "retry", "timeout", "hedge"]);
}

function warn(
  code: OrderWarningCode,
  outer: Layer<unknown>,
  inner: Layer<unknown>,
  { why, remedy }: { readonly why: string; readonly remedy: string },
): OrderWarning {
  const names = { outer: layerName(outer), inner: layerName(inner) };
  const where = outer === inner ? "in two places" : `outside ${names.inner}`;
  return { code, message: `${names.outer} ${where} ${why}; ${remedy}`, ...names };
}
