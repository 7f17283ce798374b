import type { StoreAction } from "../store/store_command.ts";
import { StoreState } from "../store/store_state.ts";
import { readLocalText } from "./policy_text.ts";
import { requireRevision, REVISION_OPTION } from "./revision_option.ts";
import { lostRace, policyIn, writePolicy } from "./write_policy.ts";

/** `switchgear policy put`: writes a whole policy from a file. */
export const PUT: StoreAction = {
  name: "policy put",
  summary: "write a policy from a file, checked before",
  operands: "NAME FILE|-",
  arity: [2, 2],
  options: {
    "dry-run": { type: "boolean", description: "write nothing, only show the difference" },
    revision: REVISION_OPTION,
  },
  details: [
    "Replaces what stands there, whatever it is, unless --revision says which version it must be.",
    "A policy with faults is refused whole, and nothing is written.",
  ],
  run: async ({ store, invocation, io, paint }) => {
    const [name = "", file = ""] = invocation.operands;
    const { subject, text } = await readLocalText(file, io);
    const policy = policyIn(subject, text);
    const state = await StoreState.read(store);
    requireRevision(name, state, invocation);
    const dryRun = invocation.flags.has("dry-run");
    const overwrite = !invocation.values.has("revision");
    const report = await writePolicy(store, { name, state, policy, dryRun, overwrite }, paint);
    if (report === undefined) throw lostRace(name);
    return report;
  },
};
