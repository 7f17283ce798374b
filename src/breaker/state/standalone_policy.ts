import type { Policy } from "../../policy/policy.ts";
import { PolicyVersion } from "./policy_line.ts";

/** Policies remembered; programs that create many breakers give them few. */
const REMEMBERED = 64;

const versions = new Map<string, PolicyVersion>();

/** The one version of a policy for all breakers without a provider, so that those of one policy share it. */
export function standalonePolicy(document: Policy): PolicyVersion {
  const key = JSON.stringify(document);
  let version = versions.get(key);
  if (version === undefined) {
    version = new PolicyVersion([document], 0);
    if (versions.size >= REMEMBERED) versions.clear();
    versions.set(key, version);
  }
  return version;
}
