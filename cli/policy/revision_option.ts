import type { CommandOption, Invocation } from "../command.ts";
import { printableName } from "../printable.ts";
import { Refusal } from "../store/refusal.ts";
import type { StoreState } from "../store/store_state.ts";
import { ownRevision } from "./write_policy.ts";

/** Stands for "there is no document". */
const NONE = "none";

/** The option `--revision`. */
export const REVISION_OPTION: CommandOption = {
  type: "string",
  valueName: "REVISION",
  description: "write only if the policy is still at this revision (none: is not there)",
};

/**
 * Holds what was read against `--revision`.
 *
 * @throws {Refusal} If it is another one.
 */
export function requireRevision(name: string, state: StoreState, { values }: Invocation): void {
  const wanted = values.get("revision");
  const found = ownRevision(state.find(name)) ?? NONE;
  if (wanted === undefined || wanted === found) return;
  throw new Refusal(
    "lost-race",
    `The policy of ${printableName(name)} is at revision ${found}, not ${wanted}; nothing was ` +
      "written",
  );
}
