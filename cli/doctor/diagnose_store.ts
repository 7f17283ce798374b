import type { Finding } from "../../src/provider/backend.ts";
import { type Clock, systemClock } from "../../src/time/clock.ts";
import type { PolicyStore } from "../store/policy_store.ts";
import { examineFolder } from "./examine_folder.ts";
import { examinePolicies } from "./examine_policies.ts";
import { examineWatch } from "./examine_watch.ts";

/** How a thing that was looked at is. */
export type Verdict = Finding["verdict"];

/** What was found about a store. */
export interface Diagnosis {
  /** Everything that was looked at, the outermost first. */
  readonly findings: readonly Finding[];
  /** `troubled`: something does not work; `unreachable`: the policies cannot be read at all. */
  readonly condition: "healthy" | "troubled" | "unreachable";
}

/** Looks at a store from the outside in: the backend itself, reading, watching, the policies. */
export async function diagnoseStore(
  store: PolicyStore,
  clock: Clock = systemClock,
): Promise<Diagnosis> {
  const findings: Finding[] = [];
  if (store.folder !== undefined) findings.push(...await examineFolder(store.folder));
  findings.push(...await examineBackend(store));
  const policies = await examinePolicies(store, clock);
  findings.push(policies.reading);
  findings.push(...await examineWatch(store, clock));
  findings.push(...policies.findings);
  if (!policies.readable) return { findings, condition: "unreachable" };
  const isTroubled = findings.some(({ verdict }) => verdict === "fail");
  return { findings, condition: isTroubled ? "troubled" : "healthy" };
}

async function examineBackend({ backend, prefix }: PolicyStore): Promise<readonly Finding[]> {
  if (backend.diagnose === undefined) return [];
  try {
    return await backend.diagnose(prefix);
  } catch (error) {
    return [{ subject: "backend", verdict: "fail", detail: messageOf(error) }];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
