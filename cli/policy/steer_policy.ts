import type { Mode } from "../../src/policy/policy.ts";
import type { CommandOptions } from "../command.ts";
import { printableName } from "../printable.ts";
import { Refusal } from "../store/refusal.ts";
import type { StoreAction, StoreContext, StoreReport } from "../store/store_command.ts";
import { StoreState } from "../store/store_state.ts";
import { policyToChange, writePolicy } from "./write_policy.ts";

/** How many others may be first before it is given up. */
const MAX_RACES = 5;

const OPTIONS: CommandOptions = {
  "dry-run": { type: "boolean", description: "write nothing, only show the difference" },
};

/** `switchgear policy force-open`: rejects every call of a breaker, in every process. */
export const FORCE_OPEN: StoreAction = {
  name: "policy force-open",
  summary: "have a breaker reject every call, in every process, until it is normal again",
  operands: "NAME",
  arity: [1, 1],
  options: OPTIONS,
  details: [
    "Sets the mode of the policy to forced-open and keeps all other fields. Where somebody else",
    "writes at the same time, their change is kept too. A breaker without a policy of its own",
    "gets one. Of default, or a group such as 'tenant-*', every breaker is meant that inherits from",
    "it and sets no mode.",
  ],
  run: (context) =>
    steer(
      context,
      "forced-open",
      (state, name) => state.find(name)?.policy?.mode === "forced-open",
    ),
};

/** `switchgear policy normal`: lets a breaker work by its policy again. */
export const NORMAL: StoreAction = {
  name: "policy normal",
  summary: "have a breaker work by its policy again, whatever its mode was",
  operands: "NAME",
  arity: [1, 1],
  options: OPTIONS,
  details: [
    "Sets the mode of the policy to normal, unless that is in force already, and keeps all other",
    "fields. A mode that a program set in its own code (override) stays.",
  ],
  run: (context) =>
    steer(context, "normal", (state, name) => state.effective(name).mode === "normal"),
};

async function steer(
  { store, invocation, paint }: StoreContext,
  mode: Mode,
  isDone: (state: StoreState, name: string) => boolean,
): Promise<StoreReport> {
  const [name = ""] = invocation.operands;
  const dryRun = invocation.flags.has("dry-run");
  for (let races = 0; races < MAX_RACES; races++) {
    const state = await StoreState.read(store);
    const before = policyToChange(name, state.find(name));
    if (isDone(state, name)) return nothingToDo(name, mode, state);
    const change = { name, state, policy: { ...before, mode }, dryRun };
    const report = await writePolicy(store, change, paint);
    if (report !== undefined) return report;
  }
  throw new Refusal(
    "lost-race",
    `Others changed the policy of ${printableName(name)} first, ${MAX_RACES} times; nothing was ` +
      "written",
  );
}

function nothingToDo(name: string, mode: Mode, state: StoreState): StoreReport {
  const held = state.find(name);
  const hasNone = held === undefined ? [`${printableName(name)} has no policy of its own`] : [];
  return {
    value: { name, written: false, mode, revision: held?.revision ?? null },
    lines: [`${printableName(name)}: its mode is ${mode} already; nothing to change.`],
    notes: [...hasNone, ...state.doubts()],
  };
}
