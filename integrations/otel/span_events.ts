import type { RejectEvent, StateChangeEvent } from "../../src/breaker/events/events.ts";
import type { Trip } from "../../src/breaker/trip/trip.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { labelOf } from "../telemetry/label.ts";
import { activeSpan } from "../telemetry/open_telemetry.ts";
import { NAME } from "./attributes.ts";

/** Which happenings become events of the active span. */
export type SpanEvents = "none" | "state-changes" | "all";

type Attributes = Record<string, string | number>;

/** Adds an event to the active span whenever something happens, and returns what ends that. */
export function followWithSpanEvents(provider: Provider, events: SpanEvents): () => void {
  const stop: (() => void)[] = [];
  if (events !== "none") stop.push(provider.on("stateChange", addStateChange));
  // Asked for apart, because a breaker that is heard makes an event of every refused call.
  if (events === "all") stop.push(provider.on("reject", addRejection));
  return () => stop.forEach((end) => end());
}

function addStateChange({ breaker, from, to, cause, reason, trip }: StateChangeEvent): void {
  addEvent("switchgear.breaker.state_change", () => ({
    [NAME]: labelOf(breaker),
    "switchgear.breaker.state": to,
    "switchgear.breaker.previous_state": from,
    "switchgear.transition.cause": cause,
    ...(reason !== undefined && { "switchgear.transition.reason": labelOf(reason) }),
    ...tripAttributes(trip),
  }));
}

function addRejection({ breaker, state, reason, retryAfterMs, trip }: RejectEvent): void {
  addEvent("switchgear.breaker.rejection", () => ({
    [NAME]: labelOf(breaker),
    "switchgear.breaker.state": state,
    "switchgear.rejection.reason": reason,
    ...(retryAfterMs !== undefined && { "switchgear.rejection.retry_after": retryAfterMs / 1_000 }),
    ...tripAttributes(trip),
  }));
}

function tripAttributes(trip: Trip | undefined): Attributes {
  if (trip === undefined) return {};
  const { criterion, observed, threshold, reason } = trip;
  return {
    "switchgear.trip.criterion": criterion,
    ...(observed !== undefined && { "switchgear.trip.observed": observed }),
    ...(threshold !== undefined && { "switchgear.trip.threshold": threshold }),
    ...(reason !== undefined && { "switchgear.trip.reason": labelOf(reason) }),
  };
}

function addEvent(name: string, attributes: () => Attributes): void {
  const span = activeSpan();
  if (span?.isRecording()) span.addEvent(name, attributes());
}
