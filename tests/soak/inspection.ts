import type {
  BreakerCounts,
  EffectivePolicy,
  Mode,
  Peek,
  RefusedPeek,
  StateName,
} from "../../mod.ts";

/** All that one look at a breaker shows. */
export interface BreakerView {
  readonly state: StateName;
  /** The state as its events tell it. */
  readonly announced: StateName;
  readonly mode: Mode;
  readonly counts: BreakerCounts;
  readonly policy: EffectivePolicy;
  readonly peek: Peek;
  /** Whether its policy has been the same since it was created. */
  readonly hasFixedPolicy: boolean;
}

/** Everything in a view that contradicts the rules. */
export function inspect(view: BreakerView): string[] {
  return [...stateFaults(view), ...countFaults(view), ...admissionFaults(view)];
}

function stateFaults({ state, announced, mode }: BreakerView): string[] {
  const found: string[] = [];
  if (state !== announced) found.push(`is ${state}, its events say ${announced}`);
  if (mode === "forced-open" && state !== "open") found.push(`is ${state} in mode ${mode}`);
  if ((mode === "disabled" || mode === "metrics-only") && state !== "closed") {
    found.push(`is ${state} in mode ${mode}`);
  }
  return found;
}

function countFaults({ counts, policy, state, mode, hasFixedPolicy }: BreakerView): string[] {
  const found: string[] = [];
  const { calls, successes, failures, slow, timeouts, consecutiveFailures, inFlight } = counts;
  const { lifetime } = counts;
  const all = {
    ...{ calls, successes, failures, slow, timeouts, consecutiveFailures, inFlight },
    ...{ rejected: counts.rejected, staleCalls: counts.staleCalls },
    ...{ lifetimeSuccesses: lifetime.successes, lifetimeFailures: lifetime.failures },
    ...{ lifetimeIgnored: lifetime.ignored, lifetimeSlow: lifetime.slow },
  };
  for (const [name, count] of Object.entries(all)) {
    if (!Number.isSafeInteger(count) || count < 0) found.push(`${name} is ${count}`);
  }
  if (successes + failures !== calls) {
    found.push(`${successes} successes and ${failures} failures make ${calls} calls`);
  }
  if (slow > calls) found.push(`${slow} of ${calls} calls are slow`);
  if (timeouts > failures) found.push(`${timeouts} of ${failures} failures are timeouts`);
  if (lifetime.timeouts > lifetime.failures) found.push("more timeouts than failures in all");
  // An edited size takes effect on a frozen window, too: R14 keeps its newest outcomes.
  const { window } = policy;
  if (window.kind === "count" && calls > window.size) {
    found.push(`${calls} calls in a window of ${window.size}`);
  }
  const { failureThreshold } = policy;
  const mayTrip = hasFixedPolicy && mode === "normal" && failureThreshold > 0;
  if (mayTrip && state === "closed" && consecutiveFailures >= failureThreshold) {
    found.push(`closed after ${consecutiveFailures} failures in a row of ${failureThreshold}`);
  }
  return found;
}

function admissionFaults({ state, mode, peek, counts, policy }: BreakerView): string[] {
  if (!peek.admitted && peek.reason === "held") return holdFaults(state, mode, peek);
  if (state === "closed") return peek.admitted ? [] : [`closed, and refuses: ${peek.reason}`];
  if (state === "open") {
    if (peek.admitted) return ["open, and admits"];
    const reason = mode === "forced-open" ? "forced" : "open";
    if (peek.reason !== reason) return [`open in mode ${mode}, and refuses with ${peek.reason}`];
    return [];
  }
  if (peek.admitted) return [];
  const { inFlight } = counts;
  const { maxProbes = policy.ramp === undefined ? 1 : Infinity } = policy.halfOpen;
  if (peek.reason === "probing" && inFlight < maxProbes) {
    return [`half-open, refuses at ${inFlight} of ${maxProbes} probes`];
  }
  if (peek.reason === "ramping" && peek.retryAfterMs === undefined) {
    return ["half-open, refuses by its ramp and does not say until when"];
  }
  if (peek.reason === "open" || peek.reason === "forced") {
    return [`half-open, and refuses with ${peek.reason}`];
  }
  return [];
}

function holdFaults(state: StateName, mode: Mode, peek: Peek & RefusedPeek): string[] {
  const { heldForMs = 0, retryAfterMs = 0 } = peek;
  if (state === "open" || mode !== "normal") return [`${state} in mode ${mode}, and refuses: held`];
  return heldForMs > 0 && retryAfterMs >= heldForMs
    ? []
    : [`held for ${heldForMs} ms, and says to try again in ${retryAfterMs} ms`];
}
