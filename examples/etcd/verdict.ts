import type { Transition } from "../../cli/demo/happening.ts";
import { seconds } from "../../cli/demo/seconds.ts";
import type { Check } from "../../cli/demo/verdict.ts";
import { plainDuration } from "../../cli/plain_duration.ts";
import type { BackendStatus } from "../../src/provider/status.ts";
import type { Stretch } from "./stretch.ts";

/** While etcd is down, p99 may be at most twice what it was, and so many milliseconds. */
const SLACK_MS = 100;
/** How soon an edit must be obeyed, in milliseconds after the command that made it was given. */
const OBEYED_WITHIN_MS = 8_000;
/** How far a measured open time may be off, in milliseconds: figures are rounded to nanoseconds. */
const TOLERANCE_MS = 1;

/** What was seen of etcd's outage. Times are in milliseconds. */
export interface Outage {
  /** Calls through the breaker before it. */
  readonly before: Stretch;
  /** Calls through the breaker during it, the service being well. */
  readonly during: Stretch;
  /** Calls in the whole demo whose errors no trouble of the service explains. */
  readonly unexplained: number;
  /** How the provider stood with etcd at the end of it. */
  readonly status: BackendStatus;
  /** How long etcd had been down then. */
  readonly downForMs: number;
  /** How often the breaker's policy changed during it. */
  readonly policyChanges: number;
  /** What the breaker did during it. */
  readonly transitions: readonly Transition[];
  /** The threshold set before it. */
  readonly threshold: number;
  /** The open time set before it. */
  readonly openForMs: number;
}

/** What became of the edit made right after the restart. Times are in milliseconds. */
export interface LateEdit {
  /** How long after the command was given it was in force; `undefined`: it never was. */
  readonly inForceAfterMs: number | undefined;
  /** The open time that it sets. */
  readonly openForMs: number;
  /** What the breaker did after it. */
  readonly transitions: readonly Transition[];
}

/** Judges whether etcd's outage disturbed nothing, and whether the edit after it was obeyed. */
export function verdict(outage: Outage, edit: LateEdit): readonly Check[] {
  return [undisturbed(outage), reported(outage), keptPolicy(outage), obeyed(edit)];
}

function undisturbed({ before, during, unexplained }: Outage): Check {
  const boundMs = 2 * before.p99Ms + SLACK_MS;
  return {
    name: "Traffic was undisturbed while etcd was down",
    passed: before.calls > 0 && during.calls > 0 && unexplained === 0 &&
      during.p99Ms <= boundMs,
    detail: `${unexplained} errors that the service does not explain; p99 of ` +
      `${during.calls} calls ${rounded(during.p99Ms)}, ${rounded(before.p99Ms)} before, ` +
      `allowed ${rounded(boundMs)}`,
  };
}

function reported({ status, downForMs }: Outage): Check {
  const { state, unreachableForMs } = status;
  const isTold = state === "stale" && unreachableForMs !== undefined &&
    unreachableForMs > 0 && unreachableForMs <= downForMs;
  return {
    name: "The provider's status told of the outage",
    passed: isTold,
    detail: unreachableForMs === undefined
      ? `the backend was ${state}`
      : `${state}, unreachable for ${seconds(unreachableForMs)} when etcd had been down for ` +
        seconds(downForMs),
  };
}

function keptPolicy({ policyChanges, transitions, threshold, openForMs }: Outage): Check {
  const trip = transitions.find(({ cause }) => cause === "tripped");
  const openings = openTimes(transitions);
  return {
    name: "The breaker kept its last policy",
    passed: policyChanges === 0 && trip?.threshold === threshold && areAll(openings, openForMs),
    detail: trip === undefined
      ? "it never opened while etcd was down"
      : `${policyChanges} changes while etcd was down; ${trip.reason}; open for ${
        listed(openings)
      }`,
  };
}

function obeyed({ inForceAfterMs, openForMs, transitions }: LateEdit): Check {
  const openings = openTimes(transitions);
  return {
    name: "The edit right after the restart was obeyed",
    passed: inForceAfterMs !== undefined && inForceAfterMs <= OBEYED_WITHIN_MS &&
      areAll(openings, openForMs),
    detail: inForceAfterMs === undefined
      ? "it never came into force"
      : `in force ${rounded(inForceAfterMs)} after the command was given; open for ${
        listed(openings)
      }`,
  };
}

/** How long each opening that is over lasted. */
function openTimes(transitions: readonly Transition[]): readonly number[] {
  return transitions.flatMap((opening, index) => {
    const end = transitions[index + 1];
    return opening.to === "open" && end !== undefined ? [end.atMs - opening.atMs] : [];
  });
}

/** Whether there are any, and each is what it must be. */
function areAll(times: readonly number[], wantedMs: number): boolean {
  return times.length > 0 && times.every((ms) => Math.abs(ms - wantedMs) <= TOLERANCE_MS);
}

function listed(times: readonly number[]): string {
  return times.map((ms) => plainDuration(Math.round(ms))).join(", ") || "no time";
}

function rounded(ms: number): string {
  return `${Math.round(ms)} ms`;
}
