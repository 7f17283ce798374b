import type { Paint } from "../paint.ts";
import { printable, printableName } from "../printable.ts";
import type { StoreAction, StoreReport } from "../store/store_command.ts";
import { StoreState } from "../store/store_state.ts";
import {
  type Absence,
  differenceLines,
  differences,
  inherited,
  offInForce,
} from "./differences.ts";
import { notFound } from "./not_found.ts";
import { plainFields } from "./plain_policy.ts";
import { readLocalText } from "./policy_text.ts";
import { policyIn, policyToChange } from "./write_policy.ts";

/** `switchgear policy diff`: what differs between two policies. */
export const DIFF: StoreAction = {
  name: "policy diff",
  summary: "show how a file differs from the store, or a policy from what it inherits",
  operands: "NAME [FILE|-]",
  arity: [1, 2],
  details: [
    "With a file, BEFORE is what stands in the store and AFTER what the file says. Without one,",
    "BEFORE is what it inherits, from default and its group, and AFTER what is in force.",
    "The exit status is 0 whether or not they differ; --json says it in the field same.",
  ],
  run: async ({ store, invocation, io, paint }) => {
    const [name = "", file] = invocation.operands;
    const local = file === undefined ? undefined : await readLocalText(file, io);
    const after = local && policyIn(local.subject, local.text);
    const state = await StoreState.read(store);
    const held = state.find(name);
    if (held === undefined) throw notFound(name, state);
    const own = policyToChange(name, held);
    if (local === undefined || after === undefined) {
      const inForce = Object.fromEntries(plainFields(state.effective(name)));
      const fallback = Object.fromEntries(plainFields(state.effective(name, {})));
      const title = `${printableName(name)}: what it inherits, and what is in force`;
      return report(name, title, fallback, inForce, offInForce, paint);
    }
    const title = `${printableName(name)}: ${printable(held.source)} at revision ` +
      `${held.revision}, and ${printable(local.subject)}`;
    return report(name, title, own, after, inherited, paint);
  },
};

function report(
  name: string,
  title: string,
  before: object,
  after: object,
  absent: Absence,
  paint: Paint,
): StoreReport {
  const changes = differences(before, after);
  const same = changes.length === 0;
  return {
    value: { name, same, changes },
    lines: same
      ? [title, "", "No difference."]
      : [title, "", ...differenceLines(changes, absent, paint)],
  };
}
