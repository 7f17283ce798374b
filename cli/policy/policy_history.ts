import { parsePolicyText } from "../../src/policy/parse_policy.ts";
import type { ConfigVersion } from "../../src/provider/backend.ts";
import { columns } from "../columns.ts";
import { printable, printableName } from "../printable.ts";
import { Refusal } from "../store/refusal.ts";
import type { StoreAction } from "../store/store_command.ts";
import { differencePhrase, differences } from "./differences.ts";

/** `switchgear policy history`: the versions of a policy that the backend remembers. */
export const HISTORY: StoreAction = {
  name: "policy history",
  summary: "list the versions of a policy that the backend remembers, newest first",
  operands: "NAME",
  arity: [1, 1],
  details: [
    "Etcd remembers what it has not compacted yet; a folder remembers nothing.",
    "The text of every version is in the output of --json.",
  ],
  run: async ({ store: { backend, prefix }, invocation, paint }) => {
    const [name = ""] = invocation.operands;
    if (backend.history === undefined) {
      throw new Refusal("not-supported", `${backend.description} remembers no versions`);
    }
    const versions = await backend.history(prefix, name);
    if (versions.length === 0) {
      throw new Refusal("not-found", `No version of ${printableName(name)} is remembered`);
    }
    return {
      value: {
        name,
        versions: versions.map(({ revision, text = null }) => ({
          revision,
          text,
          deleted: text === null,
        })),
      },
      lines: columns([
        ["REVISION", "CHANGE"].map((heading) => paint("dim", heading)),
        ...versions.map((version, at) => [version.revision, changeIn(version, versions[at + 1])]),
      ]),
    };
  },
};

function changeIn({ text }: ConfigVersion, older: ConfigVersion | undefined): string {
  if (text === undefined) return "deleted";
  const now = parsePolicyText(text);
  if (!now.ok) return `invalid: ${printable(now.faults[0]?.message ?? "")}`;
  const before = older?.text === undefined ? undefined : parsePolicyText(older.text);
  const found = differences(before?.ok ? before.policy : {}, now.policy);
  const isFirst = before === undefined;
  const phrase = differencePhrase(found) || (isFirst ? "nothing set" : "the same fields");
  if (!isFirst) return before.ok ? phrase : `mended: ${phrase}`;
  return older === undefined ? `as far back as is remembered: ${phrase}` : `created: ${phrase}`;
}
