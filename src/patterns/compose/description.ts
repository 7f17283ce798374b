import type { Breaker } from "../../breaker/breaker.ts";
import type { Mode } from "../../policy/policy.ts";
import { formatDuration } from "../../time/duration.ts";
import type { CallBounds, Layer, LayerDescription } from "../layer.ts";
import { isLayer } from "./layer_kinds.ts";

/** An operation by itself: run once, for as long as it takes. */
export const BARE: CallBounds = Object.freeze({ longestMs: Infinity, attempts: 1 });

/** What is more than a century cannot be written as a duration, and is as good as no limit. */
const MAX_SHOWN_MS = 100 * 365 * 24 * 60 * 60 * 1_000;

const MODES: Record<Mode, string> = {
  "normal": "",
  "disabled": ", which is disabled",
  "forced-open": ", which is forced open",
  "metrics-only": ", which only measures",
};

/** What `layers`, outermost first, do in turn, around a call that costs `inner` at worst. */
export function describeLayers(
  layers: readonly Layer<unknown>[],
  inner: CallBounds,
): LayerDescription {
  const texts: string[] = [];
  let bounds = inner;
  for (const layer of layers.toReversed()) {
    const { text, longestMs, attempts } = describeLayer(layer, bounds);
    texts.unshift(text);
    bounds = { longestMs, attempts };
  }
  const text = texts.length === 0 ? "runs the operation as it is" : texts.join("; ");
  return { text, longestMs: bounds.longestMs, attempts: bounds.attempts };
}

/** A description as a sentence, with what a call costs at worst. */
export function toSentence({ text, longestMs, attempts }: LayerDescription): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}; ${atWorst({ longestMs, attempts })}.`;
}

function atWorst({ longestMs, attempts }: CallBounds): string {
  const isEndless = !(longestMs <= MAX_SHOWN_MS);
  if (!Number.isFinite(attempts)) {
    return isEndless
      ? "there is no limit to the attempts, nor to how long they take"
      : `at worst as many attempts as ${formatDuration(longestMs)} have room for`;
  }
  const number = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  return isEndless
    ? `at worst ${number}, with no limit to how long ${attempts === 1 ? "it takes" : "they take"}`
    : `at worst ${number} in ${formatDuration(longestMs)}`;
}

function describeLayer(layer: Layer<unknown>, inner: CallBounds): LayerDescription {
  if (isLayer(layer, "breaker")) return describeBreaker(layer, inner);
  try {
    const description = layer.describe?.(inner);
    if (description !== undefined) return description;
  } catch {
    // What a layer cannot say of itself is not known.
  }
  // It may run the operation as often as it likes.
  return { text: "does what it does not describe", longestMs: Infinity, attempts: Infinity };
}

function describeBreaker(breaker: Breaker, { longestMs, attempts }: CallBounds): LayerDescription {
  const { policy: { timeout }, mode } = breaker;
  const limit = timeout === undefined ? "" : ` and gives up after ${formatDuration(timeout)}`;
  return {
    text: `goes through breaker "${breaker.name}"${MODES[mode]}${limit}`,
    longestMs: Math.min(longestMs, timeout ?? Infinity),
    attempts,
  };
}
