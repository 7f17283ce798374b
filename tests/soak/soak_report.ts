import type { PolicyEditor } from "./policy_editor.ts";
import type { SoakContext } from "./soak_context.ts";
import type { Supervision } from "./supervision.ts";

function listed(counts: readonly [string, number][]): string {
  return counts.map(([name, count]) => `${name} ${count}`).join(", ") || "none";
}

/** One line on how a soak is going. */
export function progressLine(
  context: SoakContext,
  { memory, worstLagMs, looks }: Supervision,
  elapsedMs: number,
): string {
  const { ledger, tally, violations } = context;
  const { heap = 0, rss = 0, fds = 0 } = memory.last ?? {};
  const transitions = tally.under("transition:").reduce((sum, [, count]) => sum + count, 0);
  const edits = tally.under("edit:").reduce((sum, [, count]) => sum + count, 0);
  return [
    `${Math.round(elapsedMs / 1_000)} s`,
    `${ledger.made} calls (${ledger.outstanding} in flight)`,
    `${transitions} transitions`,
    `${edits} edits`,
    `${looks} looks`,
    `heap ${(heap / 1e6).toFixed(1)} MB`,
    `rss ${(rss / 1e6).toFixed(0)} MB`,
    `${fds} fds`,
    `lag ${Math.round(worstLagMs)} ms`,
    `${violations.count} violations`,
  ].join("  ");
}

/** The closing report. */
export function reportLines(
  { ledger, tally }: SoakContext,
  supervision: Supervision,
  editors: readonly PolicyEditor[],
): string[] {
  const sections = [
    ["calls by way", "via:"],
    ["outcomes at breakers", "outcome:"],
    ["refusals", "refused:"],
    ["transitions", "transition:"],
    ["aborts", "abort:"],
    ["permits", "permit:"],
    ["interventions", "admin:"],
    ["listeners", "listener:"],
    ["retry", "retry:"],
    ["retries ended", "retry outcome:"],
    ["hedge", "hedge:"],
    ["hedges sent", "hedge event:"],
    ["bulkhead", "bulkhead:"],
    ["pool", "pool:"],
    ["token bucket", "bucket:"],
    ["cache", "cache:"],
    ["hard timeout", "timeout:"],
    ["resilient", "resilient:"],
    ["errors of requests", "fetch error:"],
    ["done by the server", "server:"],
    ["policy edits", "edit:"],
    ["files saved by", "saving:"],
  ] as const;
  return [
    `${ledger.made} calls, ${supervision.looks} looks at breakers, ` +
    `worst lag of the event loop ${Math.round(supervision.worstLagMs)} ms`,
    ...sections.map(([title, prefix]) => `${title}: ${listed(tally.under(prefix))}`),
    ...editors.map((editor) => `obeyed, ${editor.document}: ${editor.latencies}`),
    ...supervision.memory.report().map((line) => `memory: ${line}`),
  ];
}
