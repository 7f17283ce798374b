import { plainDuration } from "./plain_duration.ts";
import { counted } from "./fault_lines.ts";
import type { EffectivePolicy } from "../src/policy/policy.ts";
import { policyWarnings } from "../src/policy/warnings.ts";

/** One part of an explanation. */
export interface Section {
  /** What it is about. */
  readonly title: string;
  /** Sentences, each of them whole. */
  readonly sentences: readonly string[];
}

/** 200 years of 365 days; a duration ends at 292. */
const LONGEST_MS = 200 * 365 * 24 * 3_600_000;

/** How many steps of a growth are written out. */
const STEPS_SHOWN = 4;

/**
 * Says in plain words what a policy does: when it opens, what counts, what
 * open and half-open admit, when it closes, and what in it can never act.
 *
 * @param policy The policy in force, merged and with its defaults.
 * @returns The parts in the order in which a breaker lives through them.
 */
export function explainPolicy(policy: EffectivePolicy): readonly Section[] {
  const sections: Section[] = [
    { title: "Mode", sentences: modeSentences(policy) },
    { title: "Opens", sentences: openingSentences(policy) },
    { title: "What counts", sentences: countingSentences(policy) },
    { title: "While open", sentences: openSentences(policy) },
    { title: "Half-open", sentences: halfOpenSentences(policy) },
    { title: "Closes", sentences: closingSentences(policy) },
    { title: "Warnings", sentences: policyWarnings(policy) },
  ];
  return sections.filter(({ sentences }) => sentences.length > 0);
}

function modeSentences({ mode }: EffectivePolicy): string[] {
  const otherwise = 'What follows would hold in the mode "normal".';
  switch (mode) {
    case "normal":
      return [];
    case "disabled":
      return [
        "disabled: every call is admitted, nothing is recorded, and it never opens.",
        otherwise,
      ];
    case "forced-open":
      return [
        "forced-open: every call is refused until the mode is another; it never probes.",
        otherwise,
      ];
    case "metrics-only":
      return [
        "metrics-only: every call is admitted and recorded; it never opens, and announces once " +
        "per crossing what would have opened it.",
        otherwise,
      ];
  }
}

function openingSentences(policy: EffectivePolicy): string[] {
  const { failureRateThreshold, slowCallRateThreshold, timeoutRateThreshold } = policy;
  const criteria = failureSentences(policy);
  const addRate = (rate: number | undefined, what: string): void => {
    if (rate !== undefined) {
      criteria.push(`When ${share(rate)} of the calls in the window ${what}.`);
    }
  };
  addRate(failureRateThreshold, "failed");
  addRate(slowCallRateThreshold, "were slow");
  addRate(timeoutRateThreshold, "ran into their time limit");
  if (criteria.length === 0) {
    return ["Never by this policy: it has no criterion, so the breaker only measures."];
  }
  const rated = [failureRateThreshold, slowCallRateThreshold, timeoutRateThreshold]
    .some((rate) => rate !== undefined);
  if (!rated && policy.failureCountThreshold === undefined) return criteria;
  const { window, minimumCalls } = policy;
  const minimum = window.kind === "count" ? Math.min(minimumCalls, window.size) : minimumCalls;
  const minimumWords = rated ? `; a share counts once it holds ${minimum}` : "";
  return [...criteria, `${windowWords(policy)}${minimumWords}.`];
}

function failureSentences(policy: EffectivePolicy): string[] {
  const { failureThreshold, failureThresholdWithin, failureCountThreshold } = policy;
  const criteria: string[] = [];
  const apart = failureThresholdWithin === undefined
    ? "however far apart"
    : `none of them more than ${plainDuration(failureThresholdWithin)} after the one before`;
  if (failureThreshold === 1) criteria.push("At the first failure.");
  if (failureThreshold > 1) criteria.push(`After ${failureThreshold} failures in a row, ${apart}.`);
  if (failureCountThreshold !== undefined) {
    const failures = counted(failureCountThreshold, "failure");
    criteria.push(`When the window holds ${failures}, however few calls it holds.`);
  }
  return criteria;
}

function windowWords({ window }: EffectivePolicy): string {
  if (window.kind === "count") {
    return `The window holds the newest ${counted(window.size, "call")}`;
  }
  const step = plainDuration(window.duration / window.buckets);
  return `The window holds the calls that ended in the last ${plainDuration(window.duration)}, ` +
    `moving on in steps of ${step}`;
}

function countingSentences({ timeout, slowCallThreshold }: EffectivePolicy): string[] {
  return [
    timeout === undefined
      ? "A call that throws is a failure. There is no time limit: a call that hangs is waited for."
      : `A call that throws is a failure, and so is one that takes longer than ` +
        `${plainDuration(timeout)}: it is given up, whatever it does.`,
    slowCallThreshold === undefined
      ? "No call is slow, because slowCallThreshold is not set."
      : `A call that takes longer than ${plainDuration(slowCallThreshold)} is slow, ` +
        "and a success all the same if it succeeds.",
    "A call that the caller cancels counts for nothing. One whose caller runs out of time is a " +
    "timeout, and so a failure.",
  ];
}

function openSentences(policy: EffectivePolicy): string[] {
  return [
    ...openTimeSentences(policy),
    "Where the dependency asks for more time, as Retry-After does, calls are refused until then, " +
    `for ${plainDuration(policy.maxHold)} at most.`,
  ];
}

function openTimeSentences({ openStateTimeout, openBackoff }: EffectivePolicy): string[] {
  const first = plainDuration(openStateTimeout);
  if (openBackoff === undefined) {
    return [`Every call is refused at once for ${first}; the next one after that is a probe.`];
  }
  const { multiplier, maxTimeout, jitter } = openBackoff;
  const cap = Math.min(openStateTimeout, maxTimeout);
  const sentences = [
    `Every call is refused at once for ${plainDuration(cap)}; the next one after that is a probe.`,
  ];
  if (multiplier > 1 && maxTimeout > openStateTimeout) {
    sentences.push(
      `Each time that it opens again before it has closed, it stays open longer: ` +
        `${longerTimes(openStateTimeout, multiplier, maxTimeout)}.`,
    );
  }
  if (jitter > 0) {
    sentences.push(`Up to ${percent(jitter)} of that is taken off at random.`);
  }
  return sentences;
}

/** The open times from the first reopening on. */
function longerTimes(openMs: number, multiplier: number, maxMs: number): string {
  const steps = growth(openMs, multiplier, STEPS_SHOWN).slice(1);
  const shorter = steps.filter((ms) => ms < maxMs).map((ms) => plainDuration(Math.round(ms)));
  const most = plainDuration(maxMs);
  if (shorter.length === 0) return `${most} each time`;
  if (shorter.length < steps.length) return `${shorter.join(", ")}, then ${most} each time`;
  return `${shorter.join(", ")} and so on, at most ${most}`;
}

function halfOpenSentences(policy: EffectivePolicy): string[] {
  const { halfOpen, ramp, slowCallRateThreshold, slowCallThreshold } = policy;
  const { maxProbes, probeTimeout } = halfOpen;
  const sentences: string[] = [];
  if (ramp !== undefined) {
    const allowances = growth(ramp.calls, ramp.growth, Math.min(ramp.steps, STEPS_SHOWN))
      .map((allowance) => Number.isFinite(allowance) ? Math.floor(allowance) : "any number");
    const more = ramp.steps > STEPS_SHOWN ? " and so on" : "";
    sentences.push(
      `Admits a growing number of calls in each interval of ${plainDuration(ramp.per)}: ` +
        `${allowances.join(", ")}${more}, growing after each interval in which calls ended and ` +
        "all of them were successes. It refuses the others.",
    );
  }
  if (maxProbes !== undefined) {
    sentences.push(
      maxProbes === 1
        ? "Admits one call at a time to probe, and refuses the others."
        : `Admits up to ${maxProbes} calls at a time to probe, and refuses the others.`,
    );
  }
  const slow = slowCallRateThreshold !== undefined && slowCallThreshold !== undefined
    ? "One probe that fails or is slow opens it again"
    : "One probe that fails opens it again";
  sentences.push(
    `${slow}, and so does one that has not ended ` +
      `${plainDuration(probeTimeout ?? firstProbeTimeout(policy))} after it began.`,
  );
  if (probeTimeout === undefined) {
    sentences.push(
      "Where one succeeds later than that, the next ones have twice the time that it took, " +
        `up to ${longDuration(10 * policy.openStateTimeout)}.`,
    );
  }
  return sentences;
}

/** How long a probe has before any was overdue. */
function firstProbeTimeout({ openStateTimeout, timeout = 0 }: EffectivePolicy): number {
  return Math.max(openStateTimeout, timeout);
}

function closingSentences({ ramp, successThreshold }: EffectivePolicy): string[] {
  const anew = "It then starts with an empty window.";
  if (ramp !== undefined) {
    return [
      `After ${counted(ramp.steps, "good interval")}, which takes ` +
      `${longDuration(ramp.per * ramp.steps)} at least. ${anew}`,
    ];
  }
  const successes = successThreshold === 1
    ? "At the first successful probe"
    : `After ${successThreshold} successful probes in a row`;
  return [`${successes}. ${anew}`];
}

/** A duration that may be longer than Go's notation reaches. */
function longDuration(ms: number): string {
  return ms < LONGEST_MS ? plainDuration(ms) : "centuries";
}

function growth(first: number, factor: number, steps: number): number[] {
  return Array.from({ length: steps }, (_, step) => first * factor ** step);
}

function share(rate: number): string {
  return rate === 1 ? "all" : `${percent(rate)} or more`;
}

function percent(rate: number): string {
  return `${Number((rate * 100).toFixed(4))} %`;
}
