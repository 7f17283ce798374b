import type { Happening, Transition } from "./happening.ts";
import type { CallRecord, Side } from "./ledger.ts";
import { percentile } from "./percentiles.ts";
import type { Behaviour } from "./service.ts";
import { type Check, verdict } from "./verdict.ts";
import type { DemoView, SideView } from "./view.ts";

/** What callers of one side have seen. Times are in milliseconds, from when the caller asked. */
export interface CallersReport {
  /** Calls made. */
  readonly calls: number;
  /** Those that succeeded. */
  readonly succeeded: number;
  /** Those that went out and failed. */
  readonly failed: number;
  /** Those that were refused at once. */
  readonly refused: number;
  /** Median time to an answer, a refusal included. */
  readonly p50Ms: number;
  /** 99th percentile of the same. */
  readonly p99Ms: number;
  /** 99th percentile of the calls that went out. */
  readonly sentP99Ms: number;
  /** All waiting together. */
  readonly waitedMs: number;
}

/** What the demo has shown. */
export interface Report {
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** What the callers of each side have seen. */
  readonly callers: Readonly<Record<Side, CallersReport>>;
  /** Requests that each service counted, by how it treated them. */
  readonly received: Readonly<Record<Side, Readonly<Record<Behaviour, number>>>>;
  /** Requests that each service counted while it failed or hung, and how many fewer the guarded one got. */
  readonly inTrouble: Readonly<Record<Side, number>> & { readonly spared: number };
  /** Every transition, with its reason. */
  readonly transitions: readonly Transition[];
  /** Everything that happened besides. */
  readonly others: readonly Happening[];
  /** What the demo must have shown. */
  readonly checks: readonly Check[];
  /** Whether it has shown all of that. */
  readonly passed: boolean;
}

/** Sums up a demo that is over. */
export function reportOf(view: DemoView): Report {
  const { guarded, bare } = view.sides;
  const inTrouble = { guarded: troubled(guarded), bare: troubled(bare) };
  const checks = verdict(view.happenings, view.scenario);
  return {
    durationMs: view.elapsedMs,
    callers: { guarded: callersReport(guarded.records), bare: callersReport(bare.records) },
    received: { guarded: guarded.received, bare: bare.received },
    inTrouble: { ...inTrouble, spared: inTrouble.bare - inTrouble.guarded },
    transitions: view.happenings.filter((happening) => happening.kind === "transition"),
    others: view.happenings.filter((happening) => happening.kind !== "transition"),
    checks,
    passed: checks.every(({ passed }) => passed),
  };
}

function troubled({ received }: SideView): number {
  return received.failing + received.hanging;
}

function callersReport(records: readonly CallRecord[]): CallersReport {
  const took = ({ askedMs, endedMs }: CallRecord): number => endedMs - askedMs;
  const times = records.map(took);
  const sent = records.filter(({ ending }) => ending !== "refused").map(took);
  const count = (which: CallRecord["ending"]): number =>
    records.filter(({ ending }) => ending === which).length;
  return {
    calls: records.length,
    succeeded: count("ok"),
    failed: count("failed"),
    refused: count("refused"),
    p50Ms: percentile(times, 0.5) ?? 0,
    p99Ms: percentile(times, 0.99) ?? 0,
    sentP99Ms: percentile(sent, 0.99) ?? 0,
    waitedMs: times.reduce((sum, ms) => sum + ms, 0),
  };
}
