import { columns } from "../columns.ts";
import { faultLines } from "../fault_lines.ts";
import type { Paint } from "../paint.ts";
import { printable, printableName } from "../printable.ts";
import type { StoreAction, StoreReport } from "../store/store_command.ts";
import { StoreState } from "../store/store_state.ts";
import { fieldsOf, shown } from "./differences.ts";
import { notFound } from "./not_found.ts";
import { plainFields } from "./plain_policy.ts";
import { policyToChange } from "./write_policy.ts";

/** `switchgear policy get`: one policy as it stands, or as it is in force. */
export const GET: StoreAction = {
  name: "policy get",
  summary: "print a policy as it stands in the store, or as it is in force",
  operands: "NAME",
  arity: [1, 1],
  options: {
    effective: {
      type: "boolean",
      description:
        "the policy in force: merged with what it inherits, and where each field comes from",
    },
  },
  details: [
    "A breaker without a policy of its own has one in force all the same: that of its group, such",
    "as tenant-*, or of default. A literal * in a breaker's name is written **.",
    "A name that begins with a hyphen stands after --, as in: policy get --json -- -name",
  ],
  run: async ({ store, invocation, paint }) => {
    const [name = ""] = invocation.operands;
    const state = await StoreState.read(store);
    if (invocation.flags.has("effective")) return effective(name, state, paint);
    const held = state.find(name);
    if (held === undefined) throw notFound(name, state);
    const warnings = held.policy === undefined ? [] : state.warnings(name);
    const { source, revision, kind, text, policy = null, faults } = held;
    return {
      value: { name, source, revision, kind, text, policy, faults, warnings },
      lines: printable(text).replace(/\n$/, "").split("\n"),
      notes: [
        ...state.notes,
        `${source}, revision ${revision}`,
        ...faults.flatMap((fault) => ["refused:", ...faultLines(source, fault)]),
        ...warnings.map((warning) => `warning: ${warning}`),
      ],
    };
  },
};

function effective(name: string, state: StoreState, paint: Paint): StoreReport {
  const held = state.find(name);
  const own = policyToChange(name, held);
  const policy = state.effective(name, own);
  const fields = plainFields(policy);
  const origins = originsOf(name, fields.keys(), state);
  const warnings = state.warnings(name, own);
  const notes = [
    ...state.doubts(),
    ...(held === undefined ? [`${printableName(name)} has no policy of its own`] : []),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
  return {
    value: { name, revision: held?.revision ?? null, policy, origins, warnings },
    lines: columns([
      ["FIELD", "VALUE", "FROM"].map((heading) => paint("dim", heading)),
      ...[...fields].map(([field, value]) => [field, shown(value), origins[field] ?? ""]),
    ]),
    notes,
  };
}

/** Which document each field of a merged policy comes from. */
function originsOf(
  name: string,
  fields: Iterable<string>,
  state: StoreState,
): Readonly<Record<string, string>> {
  const own = state.find(name);
  const layers = [
    { policy: own?.policy ?? {}, origin: own?.source ?? "" },
    ...state.levels(name).toReversed(),
  ];
  const origins: Record<string, string> = {};
  for (const field of fields) {
    const [outer = ""] = field.split(".");
    const layer = layers.find(({ policy }) => Object.hasOwn(policy, outer));
    const isGiven = layer !== undefined &&
      (fieldsOf(layer.policy).has(field) || layer.origin === "environment");
    origins[field] = isGiven ? printable(layer.origin) : "built in";
  }
  return origins;
}
