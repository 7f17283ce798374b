import type { ConfigStatus } from "../../src/provider/status.ts";
import type { FeedState } from "../../src/provider/feed.ts";
import type { Series } from "./totals.ts";

/** What the values of a measure are told apart by. */
export interface Dimension {
  /** What OpenTelemetry calls it. */
  readonly attribute: string;
  /** What Prometheus calls it. */
  readonly label: string;
}

/** Something that is reported, in OpenTelemetry's terms. */
export type Measure<Source> = MeasureName & (OneValue<Source> | ValueByPosition<Source>);

/** How a measure is announced. */
export interface MeasureName {
  /** The name in OpenTelemetry; Prometheus's follows from it. */
  readonly name: string;
  /** `counter` never falls, `up-down` may be added up, `gauge` may not. */
  readonly kind: "counter" | "up-down" | "gauge";
  /** As UCUM writes it; in braces stands what is counted. */
  readonly unit: string;
  /** One sentence for people. */
  readonly description: string;
}

interface OneValue<Source> {
  readonly dimension?: undefined;
  /** The value now. */
  readonly value: (source: Source) => number;
}

interface ValueByPosition<Source> {
  readonly dimension: Dimension;
  /** The value now at each position in the dimension. */
  readonly values: (source: Source) => Readonly<Record<string, number>>;
}

/** A value of a measure. */
export interface Reading {
  readonly value: number;
  /** Its position by the name of its dimension; empty where the measure has none. */
  readonly position: Readonly<Record<string, string>>;
}

/** Reads the values of a measure, positions by the dimension's name in OpenTelemetry or in Prometheus. */
export function readMeasure<Source>(
  measure: Measure<Source>,
  source: Source,
  naming: keyof Dimension,
): Reading[] {
  if (measure.dimension === undefined) return [{ value: measure.value(source), position: {} }];
  const name = measure.dimension[naming];
  return Object.entries(measure.values(source)).map(([at, value]) => ({
    value,
    position: { [name]: at },
  }));
}

const STATE: Dimension = { attribute: "switchgear.breaker.state", label: "state" };

/** What is reported of each breaker. */
export const BREAKER_MEASURES: readonly Measure<Series>[] = [
  {
    name: "switchgear.breaker.state",
    kind: "up-down",
    unit: "{breaker}",
    description: "Breakers in a state: 1 in the state of the breaker, 0 in the others.",
    dimension: STATE,
    values: ({ states }) => states,
  },
  {
    name: "switchgear.breaker.calls",
    kind: "counter",
    unit: "{call}",
    description: "Calls that went through and ended, by outcome; a timeout is no failure here.",
    dimension: { attribute: "switchgear.call.outcome", label: "outcome" },
    values: ({ totals }) => totals.outcomes,
  },
  {
    name: "switchgear.breaker.rejections",
    kind: "counter",
    unit: "{call}",
    description: "Calls that were refused, by reason.",
    dimension: { attribute: "switchgear.rejection.reason", label: "reason" },
    values: ({ totals }) => totals.rejections,
  },
  {
    name: "switchgear.breaker.transitions",
    kind: "counter",
    unit: "{transition}",
    description: "Changes of state, by the state that was entered.",
    dimension: STATE,
    values: ({ totals }) => totals.transitions,
  },
  {
    name: "switchgear.breaker.slow_calls",
    kind: "counter",
    unit: "{call}",
    description: "Calls that took longer than slowCallThreshold, whatever their outcome.",
    value: ({ totals }) => totals.slow,
  },
  {
    name: "switchgear.breaker.stale_calls",
    kind: "counter",
    unit: "{call}",
    description: "Calls that ended after the breaker had moved on, and counted for nothing.",
    value: ({ totals }) => totals.stale,
  },
  {
    name: "switchgear.breaker.overdue_probes",
    kind: "counter",
    unit: "{call}",
    description: "Probes that ended at or after their deadline.",
    value: ({ totals }) => totals.overdueProbes,
  },
  {
    name: "switchgear.breaker.holds",
    kind: "counter",
    unit: "{hold}",
    description:
      "Holds that began or came to reach further, by hand or by what a dependency asked for.",
    value: ({ totals }) => totals.holds,
  },
  {
    name: "switchgear.breaker.would_open",
    kind: "counter",
    unit: "{crossing}",
    description: "Times that a breaker in the mode metrics-only would have opened.",
    value: ({ totals }) => totals.wouldOpen,
  },
];

const FEED_STATES: readonly FeedState[] = ["loading", "fresh", "stale", "closed"];

/** What is reported of the provider's policies and where they come from. */
export const PROVIDER_MEASURES: readonly Measure<ConfigStatus>[] = [
  {
    name: "switchgear.policy.refused_documents",
    kind: "up-down",
    unit: "{document}",
    description: "Policy documents whose newest version was refused and is not mended yet.",
    value: ({ documents }) => documents.filter(({ refused }) => refused !== null).length,
  },
  {
    name: "switchgear.policy.feed.state",
    kind: "up-down",
    unit: "{feed}",
    description: "Feeds of policies in a state: 1 in the state of the feed, 0 in the others.",
    dimension: { attribute: "switchgear.policy.feed.state", label: "state" },
    values: ({ backend }) =>
      Object.fromEntries(FEED_STATES.map((state) => [state, Number(state === backend.state)])),
  },
  {
    name: "switchgear.policy.feed.staleness",
    kind: "gauge",
    unit: "s",
    description: "How long the config backend has been out of reach, 0 while it is not.",
    value: ({ backend }) => (backend.unreachableForMs ?? 0) / 1_000,
  },
  {
    name: "switchgear.policy.feed.attempts",
    kind: "counter",
    unit: "{attempt}",
    description: "Times that a watch of the config backend was begun.",
    value: ({ backend }) => backend.attempts,
  },
];
