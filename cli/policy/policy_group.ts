import type { CommandGroup } from "../command.ts";
import type { OpenStore } from "../store/policy_store.ts";
import { storeCommand } from "../store/store_command.ts";
import { DELETE } from "./delete_policy.ts";
import { DIFF } from "./diff_policy.ts";
import { EDIT } from "./edit_policy.ts";
import { GET } from "./get_policy.ts";
import { LIST } from "./list_policies.ts";
import { HISTORY } from "./policy_history.ts";
import { PUT } from "./put_policy.ts";
import { SET } from "./set_policy.ts";
import { FORCE_OPEN, NORMAL } from "./steer_policy.ts";
import { WATCH } from "./watch_policies.ts";

/** `switchgear policy …` on the store that `open` opens. */
export function policyGroup(open: OpenStore): CommandGroup {
  return {
    name: "policy",
    summary: "read, write and watch the policies in etcd or in a folder",
    commands: [
      LIST,
      GET,
      SET,
      PUT,
      EDIT,
      DELETE,
      FORCE_OPEN,
      NORMAL,
      DIFF,
      HISTORY,
      WATCH,
    ].map((action) => storeCommand(action, open)),
    details: [
      "  switchgear policy list --etcd etcd-1,etcd-2,etcd-3 --service im-gateway",
      "  switchgear policy force-open grpc:user-service --file ./policies",
      "",
      "A policy with faults is never written. What runs obeys a change within a second.",
    ],
  };
}
