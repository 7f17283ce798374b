import type { ConfigStatus } from "../../src/provider/status.ts";
import type { FeedState } from "../../src/provider/feed.ts";
import type { Series } from "./totals.ts";

/** A value, and where it stands in the measure's dimension if that has one. */
export type Value = readonly [value: number, position?: string];

/** Something that is reported, in OpenTelemetry's terms. */
export interface Measure<Source> {
  /** The name in OpenTelemetry; Prometheus's follows from it. */
  readonly name: string;
  /** `counter` never falls, `up-down` may be added up, `gauge` may not. */
  readonly kind: "counter" | "up-down" | "gauge";
  /** As UCUM writes it; in braces stands what is counted. */
  readonly unit: string;
  /** One sentence for people. */
  readonly description: string;
  /** What its values are told apart by: OpenTelemetry's attribute, and Prometheus's label. */
  readonly dimension?: { readonly attribute: string; readonly label: string };
  /** The values now. */
  readonly values: (source: Source) => Iterable<Value>;
}

/** What is reported of each breaker. */
export const BREAKER_MEASURES: readonly Measure<Series>[] = [
  {
    name: "switchgear.breaker.state",
    kind: "up-down",
    unit: "{breaker}",
    description: "Breakers in a state: 1 in the state of the breaker, 0 in the others.",
    dimension: { attribute: "switchgear.breaker.state", label: "state" },
    values: ({ states }) => byPosition(states),
  },
  {
    name: "switchgear.breaker.calls",
    kind: "counter",
    unit: "{call}",
    description: "Calls that went through and ended, by outcome; a timeout is no failure here.",
    dimension: { attribute: "switchgear.call.outcome", label: "outcome" },
    values: ({ totals }) => byPosition(totals.outcomes),
  },
  {
    name: "switchgear.breaker.rejections",
    kind: "counter",
    unit: "{call}",
    description: "Calls that were refused, by reason.",
    dimension: { attribute: "switchgear.rejection.reason", label: "reason" },
    values: ({ totals }) => byPosition(totals.rejections),
  },
  {
    name: "switchgear.breaker.transitions",
    kind: "counter",
    unit: "{transition}",
    description: "Changes of state, by the state that was entered.",
    dimension: { attribute: "switchgear.breaker.state", label: "state" },
    values: ({ totals }) => byPosition(totals.transitions),
  },
  {
    name: "switchgear.breaker.slow_calls",
    kind: "counter",
    unit: "{call}",
    description: "Calls that took longer than slowCallThreshold, whatever their outcome.",
    values: ({ totals }) => [[totals.slow]],
  },
  {
    name: "switchgear.breaker.stale_calls",
    kind: "counter",
    unit: "{call}",
    description: "Calls that ended after the breaker had moved on, and counted for nothing.",
    values: ({ totals }) => [[totals.stale]],
  },
  {
    name: "switchgear.breaker.would_open",
    kind: "counter",
    unit: "{crossing}",
    description: "Times that a breaker in the mode metrics-only would have opened.",
    values: ({ totals }) => [[totals.wouldOpen]],
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
    values: ({ documents }) => [[documents.filter(({ refused }) => refused !== null).length]],
  },
  {
    name: "switchgear.policy.feed.state",
    kind: "up-down",
    unit: "{feed}",
    description: "Feeds of policies in a state: 1 in the state of the feed, 0 in the others.",
    dimension: { attribute: "switchgear.policy.feed.state", label: "state" },
    values: ({ backend }) => FEED_STATES.map((state) => [Number(state === backend.state), state]),
  },
  {
    name: "switchgear.policy.feed.staleness",
    kind: "gauge",
    unit: "s",
    description: "How long the config backend has been out of reach, 0 while it is not.",
    values: ({ backend }) => [[(backend.unreachableForMs ?? 0) / 1_000]],
  },
  {
    name: "switchgear.policy.feed.attempts",
    kind: "counter",
    unit: "{attempt}",
    description: "Times that a watch of the config backend was begun.",
    values: ({ backend }) => [[backend.attempts]],
  },
];

function byPosition(values: Readonly<Record<string, number>>): Value[] {
  return Object.entries(values).map(([position, value]) => [value, position]);
}
