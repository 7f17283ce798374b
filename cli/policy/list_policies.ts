import { columns } from "../columns.ts";
import { counted } from "../fault_lines.ts";
import type { Paint } from "../paint.ts";
import { printable, printableName } from "../printable.ts";
import type { StoreAction } from "../store/store_command.ts";
import { type HeldPolicy, StoreState } from "../store/store_state.ts";
import { fieldsOf, shown } from "./differences.ts";

/** `switchgear policy list`: every policy, its mode in force and what it sets. */
export const LIST: StoreAction = {
  name: "policy list",
  summary: "list the policies, with their mode in force and what they set",
  operands: "",
  arity: [0, 0],
  details: [
    "MODE is the one in force, that of default included; a policy that is refused is in no process",
    "that starts now, and a process that runs keeps the version before it.",
  ],
  run: async ({ store, paint }) => {
    const state = await StoreState.read(store);
    const policies = state.policies();
    const { backend, prefix, environment } = store;
    const notes = [...state.notes, ...state.doubts()];
    return {
      value: {
        backend: backend.description,
        prefix,
        environment: environment.name,
        policies: policies.map((held) => ({
          name: held.name,
          source: held.source,
          revision: held.revision,
          mode: held.policy === undefined ? null : state.effective(held.name).mode,
          policy: held.policy ?? null,
          faults: held.faults,
          warnings: held.policy === undefined ? [] : state.warnings(held.name),
        })),
        notes,
      },
      lines: [
        ...columns([
          ["NAME", "MODE", "REVISION", "SETS"].map((heading) => paint("dim", heading)),
          ...policies.map((held) => row(held, state, paint)),
        ]),
        "",
        `${counted(policies.length, "policy", "policies")} in ${printable(backend.description)}` +
        (prefix === "" ? "" : ` under ${printable(prefix)}`),
      ],
      notes,
    };
  },
};

function row(held: HeldPolicy, state: StoreState, paint: Paint): string[] {
  const name = printableName(held.name);
  const revision = held.kind === "collection" ? `${held.revision} (collection)` : held.revision;
  if (held.policy === undefined) {
    const [first] = held.faults;
    const count = counted(held.faults.length, "fault");
    return [name, paint("red", "refused"), revision, printable(`${count}: ${first?.message}`)];
  }
  const { mode } = state.effective(held.name);
  const fields = [...fieldsOf(held.policy)].map(([field, value]) => `${field}=${shown(value)}`);
  const shownMode = mode === "normal"
    ? mode
    : paint(mode === "forced-open" ? "red" : "yellow", mode);
  return [name, shownMode, revision, fields.join(" ") || "nothing"];
}
