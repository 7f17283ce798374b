import type { Policy } from "../../src/policy/policy.ts";
import { parseDuration } from "../../src/time/duration.ts";
import { plainDuration } from "../plain_duration.ts";
import type { Happening, PolicyInForce, Transition } from "./happening.ts";
import type { Milestone, Scenario } from "./scenario.ts";
import { seconds } from "./seconds.ts";

/** Something that the demo must have shown. */
export interface Check {
  /** What it is. */
  readonly name: string;
  /** Whether it was seen. */
  readonly passed: boolean;
  /** What was seen, or what was not. */
  readonly detail: string;
}

/** How far a measured open time may be off, in milliseconds: figures are rounded to nanoseconds. */
const TOLERANCE_MS = 1;

/**
 * Judges from what was observed whether the breaker opened, obeyed the edits of
 * its policy file and closed again.
 */
export function verdict(happenings: readonly Happening[], scenario: Scenario): readonly Check[] {
  return [
    opened(happenings),
    obeyedThreshold(happenings, scenario),
    obeyedOpenTime(happenings, scenario),
    closedAgain(happenings),
  ];
}

/** Whether what a phase waits for has happened by now. */
export function reached(
  milestone: Milestone,
  happenings: readonly Happening[],
  scenario: Scenario,
): boolean {
  switch (milestone) {
    case "edit in force":
      return happenings.some(({ kind }) => kind === "policy");
    case "opened":
      return opened(happenings).passed;
    case "opened under the edit":
      return obeyedOpenTime(happenings, scenario).passed;
    case "closed":
      return closedAgain(happenings).passed;
  }
}

function opened(happenings: readonly Happening[]): Check {
  const trip = transitionsOf(happenings).find(({ cause }) => cause === "tripped");
  return check(
    "The breaker opened",
    trip && `${trip.reason} at ${seconds(trip.atMs)}`,
    "it never did",
  );
}

function obeyedThreshold(happenings: readonly Happening[], scenario: Scenario): Check {
  const name = "It obeyed the edited failureThreshold";
  const { failureThreshold } = editedTo(scenario, "failureThreshold");
  const trip = transitionsOf(happenings).find(({ cause }) => cause === "tripped");
  if (trip === undefined) return check(name, undefined, "it never opened");
  const seen = `opened at ${trip.threshold} failures in a row, no longer at ` +
    `${scenario.policy.failureThreshold}`;
  return check(
    name,
    trip.threshold === failureThreshold ? seen : undefined,
    `it opened at ${trip.threshold}, not at ${failureThreshold}`,
  );
}

function obeyedOpenTime(happenings: readonly Happening[], scenario: Scenario): Check {
  const name = "It obeyed the edited openStateTimeout";
  const edited = editedTo(scenario, "openStateTimeout").openStateTimeout;
  const editedMs = parseDuration(edited ?? 0);
  const inForce = happenings.find((happening): happening is PolicyInForce =>
    happening.kind === "policy" && happening.policy.openStateTimeout === editedMs
  );
  if (inForce === undefined) return check(name, undefined, "the edit never came into force");
  const openTimes = openTimesSince(happenings, inForce.atMs);
  if (openTimes.length === 0) return check(name, undefined, "it was not open after the edit");
  const strays = openTimes.filter((ms) => Math.abs(ms - editedMs) > TOLERANCE_MS);
  const times = openTimes.length === 1 ? "once" : `${openTimes.length} times`;
  return check(
    name,
    strays.length === 0
      ? `open for ${edited} each time (${times}), no longer for ${scenario.policy.openStateTimeout}`
      : undefined,
    `it was open for ${
      strays.map((ms) => plainDuration(Math.round(ms))).join(", ")
    }, not ${edited}`,
  );
}

/** How long each opening that began after `sinceMs` and is over lasted. */
function openTimesSince(happenings: readonly Happening[], sinceMs: number): number[] {
  const transitions = transitionsOf(happenings);
  return transitions.flatMap((opening, index) => {
    const end = transitions[index + 1];
    return opening.to === "open" && opening.atMs >= sinceMs && end !== undefined
      ? [end.atMs - opening.atMs]
      : [];
  });
}

function closedAgain(happenings: readonly Happening[]): Check {
  const last = transitionsOf(happenings).at(-1);
  return check(
    "It closed again",
    last?.to === "closed" ? `${last.reason} at ${seconds(last.atMs)}` : undefined,
    last === undefined ? "it never opened" : `it is ${last.to}`,
  );
}

function transitionsOf(happenings: readonly Happening[]): readonly Transition[] {
  return happenings.filter((happening) => happening.kind === "transition");
}

/** The edit that changes a field. */
function editedTo(scenario: Scenario, field: keyof Policy): Policy {
  const edits = scenario.phases.map(({ edit }) => edit?.changes ?? {});
  return edits.findLast((changes) => Object.hasOwn(changes, field)) ?? {};
}

function check(name: string, seen: string | undefined, missed: string): Check {
  return { name, passed: seen !== undefined, detail: seen ?? missed };
}
