import { scopeOf } from "../../src/policy/document_name.ts";
import { DEFAULT_NAME } from "../../src/policy/name_group.ts";
import { configCentre } from "../../src/provider/config_centre.ts";
import { printable, printableName } from "../printable.ts";
import { Refusal } from "../store/refusal.ts";
import type { StoreAction } from "../store/store_command.ts";
import { StoreState } from "../store/store_state.ts";
import { UsageError } from "../usage_error.ts";
import { notFound } from "./not_found.ts";
import { lostRace } from "./write_policy.ts";

/** `switchgear policy delete`: deletes a policy's document. */
export const DELETE: StoreAction = {
  name: "policy delete",
  summary: "delete a policy, so that what it inherits holds in its place",
  operands: "NAME",
  arity: [1, 1],
  options: { yes: { type: "boolean", short: "y", description: "do not ask" } },
  details: ["Asks before it deletes. Where nobody is there to be asked, it wants --yes."],
  run: async ({ store, invocation, io }) => {
    const [name = ""] = invocation.operands;
    const state = await StoreState.read(store);
    const held = state.find(name);
    if (held === undefined) throw notFound(name, state);
    if (held.kind === "collection") {
      throw new Refusal(
        "not-supported",
        `${printableName(name)} has no document of its own: it is an entry of ` +
          `${printable(held.source)}, which is edited as a whole`,
      );
    }
    const next = nextInForce(name, state);
    if (!invocation.flags.has("yes")) {
      if (io.ask === undefined) {
        throw new UsageError("Nobody is there to be asked: say --yes to delete it");
      }
      const question = `Delete ${
        printable(held.source)
      }, revision ${held.revision}? ${next} [y/N] `;
      if (!/^\s*y(es)?\s*$/i.test(await io.ask(question))) {
        throw new Refusal("not-confirmed", "Not deleted");
      }
      // Somebody may have taken a while to answer.
      const now = (await StoreState.read(store)).find(name);
      if (now !== undefined && now.revision !== held.revision) throw lostRace(name);
    }
    if (!await configCentre(store.backend, store.prefix).delete(name)) throw notFound(name, state);
    const { source, revision, text } = held;
    return {
      value: { name, deleted: true, source, revision, text },
      lines: [`${printableName(name)}: deleted (it was at revision ${revision}). ${next}`],
    };
  },
};

function nextInForce(name: string, state: StoreState): string {
  if (state.hidesEntry(name)) return "Its entry in breakers.json then holds.";
  if (name === DEFAULT_NAME) return "The environment then holds in its place.";
  if (scopeOf(name).kind === "group") {
    return "Its breakers then inherit from another group that matches, or from default.";
  }
  const group = state.groupOf(name);
  if (group !== undefined) return `Its group ${printableName(group)} then holds.`;
  return "The default policy then holds.";
}
