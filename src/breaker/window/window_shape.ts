import type { Nanos } from "../../time/timeline.ts";
import { CountWindow } from "./count_window.ts";
import { TimeWindow, type TimeWindowShape } from "./time_window.ts";
import type { Window } from "./window.ts";

/** What a window is made of: the size of a count window or the shape of a time window. */
export type WindowShape = { readonly size: number } | TimeWindowShape;

/** Creates the window that a policy asks for, empty. */
export function createWindow(shape: WindowShape, at: Nanos): Window {
  return isCountShape(shape) ? new CountWindow(shape.size) : new TimeWindow(shape, at);
}

/**
 * What a window becomes under another shape at `at` (R14): the newest outcomes
 * of a count window, the young ones of a time window, nothing if the kind changed.
 */
export function reshapeWindow(window: Window, shape: WindowShape, at: Nanos): Window | undefined {
  if (window instanceof CountWindow) {
    if (!isCountShape(shape)) return undefined;
    return window.size === shape.size ? window : window.resized(shape.size);
  }
  if (!(window instanceof TimeWindow) || isCountShape(shape)) return undefined;
  const { duration, buckets } = window.shape;
  const same = duration === shape.duration && buckets === shape.buckets;
  return same ? window : window.reshaped(shape, at);
}

function isCountShape(shape: WindowShape): shape is Extract<WindowShape, { size: number }> {
  return Object.hasOwn(shape, "size");
}
