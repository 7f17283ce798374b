import type { Fault } from "../../src/check/fault.ts";
import type { Finding } from "../../src/provider/backend.ts";
import type { Clock } from "../../src/time/clock.ts";
import { counted } from "../fault_lines.ts";
import { printableName } from "../printable.ts";
import type { PolicyStore } from "../store/policy_store.ts";
import { type HeldPolicy, StoreState } from "../store/store_state.ts";

/** What was found about the policies of a store. */
export interface PolicyFindings {
  /** Whether they could be read. */
  readonly readable: boolean;
  /** How reading them went. */
  readonly reading: Finding;
  /** What is refused, can never act or rejects every call. */
  readonly findings: readonly Finding[];
}

/** Reads every policy, and says which are refused and why, and what else whoever is on call should know. */
export async function examinePolicies(store: PolicyStore, clock: Clock): Promise<PolicyFindings> {
  const startedAt = clock.now();
  let state;
  try {
    state = await StoreState.read(store);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      readable: false,
      reading: { subject: "read", verdict: "fail", detail },
      findings: [],
    };
  }
  const policies = state.policies();
  const detail = `${counted(policies.length, "policy", "policies")} in ${
    (clock.now() - startedAt).toFixed(0)
  } ms`;
  return {
    readable: true,
    reading: { subject: "read", verdict: "ok", detail },
    findings: [
      ...state.notes.map((note): Finding => ({ subject: "state", verdict: "warn", detail: note })),
      ...refusedCollection(state),
      ...policies.flatMap((held) => findingsOf(held, state)),
    ],
  };
}

function refusedCollection({ refusedCollection: document }: StoreState): Finding[] {
  if (document?.refused === undefined) return [];
  const { source, refused } = document;
  return [{ subject: source, verdict: "fail", detail: refusal(refused.faults) }];
}

function findingsOf(held: HeldPolicy, state: StoreState): Finding[] {
  const { name, source, policy, faults } = held;
  const subject = `policy ${printableName(name)}`;
  if (policy === undefined) {
    return [{ subject, verdict: "fail", detail: `${source} is ${refusal(faults)}` }];
  }
  const { mode } = state.effective(name);
  const steered: Finding[] = mode === "normal"
    ? []
    : [{ subject, verdict: "warn", detail: `its mode is ${mode}` }];
  // What it inherits is warned of where that stands.
  const known = state.levels(name).flatMap((level) =>
    level.name === undefined ? [] : state.warnings(level.name)
  );
  const warnings = state.warnings(name)
    .filter((warning) => !known.includes(warning))
    .map((detail): Finding => ({ subject, verdict: "warn", detail }));
  return [...steered, ...warnings];
}

function refusal(faults: readonly Fault[]): string {
  return `refused: ${faults.map(({ message }) => message).join("; ")}`;
}
