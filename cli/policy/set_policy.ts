import { parsePolicy } from "../../src/policy/parse_policy.ts";
import { counted } from "../fault_lines.ts";
import { printableName } from "../printable.ts";
import { Refusal } from "../store/refusal.ts";
import type { StoreAction } from "../store/store_command.ts";
import { StoreState } from "../store/store_state.ts";
import { UsageError } from "../usage_error.ts";
import { assign, type JsonObject, parseAssignment } from "./assignment.ts";
import { requireRevision, REVISION_OPTION } from "./revision_option.ts";
import { lostRace, policyToChange, writePolicy } from "./write_policy.ts";

/** `switchgear policy set`: changes fields of one policy. */
export const SET: StoreAction = {
  name: "policy set",
  summary: "change fields of a policy, and show what becomes different",
  operands: "NAME field=value …",
  arity: [1, Infinity],
  options: {
    "dry-run": { type: "boolean", description: "write nothing, only show the difference" },
    revision: REVISION_OPTION,
  },
  details: [
    "  switchgear policy set payments failureThreshold=3 timeout=2s halfOpen.maxProbes=3",
    "  switchgear policy set payments window.kind=time window.duration=30s ramp=null",
    "  switchgear policy set payments timeout=",
    "",
    "A value is JSON where it parses as such, else text. field=null turns off what default would",
    "hand down; field= removes the field, so that it is inherited. A window.kind that becomes",
    "another starts the window anew. What comes out is checked before it is written, and written",
    "only over the version that the difference was shown for.",
  ],
  run: async ({ store, invocation, paint }) => {
    const [name = "", ...rest] = invocation.operands;
    const assignments = rest.map(parseAssignment);
    if (assignments.length === 0) throw new UsageError("No field=value given");
    const state = await StoreState.read(store);
    requireRevision(name, state, invocation);
    const before: JsonObject = { ...policyToChange(name, state.find(name)) };
    const result = parsePolicy(assignments.reduce(assign, before));
    if (!result.ok) {
      const message = `That would not be a valid policy: ${
        counted(result.faults.length, "fault")
      }; nothing was written`;
      const subject = printableName(name);
      throw new Refusal("invalid-policy", message, { subject, faults: result.faults });
    }
    const dryRun = invocation.flags.has("dry-run");
    const change = { name, state, policy: result.policy, dryRun };
    const report = await writePolicy(store, change, paint);
    if (report === undefined) throw lostRace(name);
    return report;
  },
};
