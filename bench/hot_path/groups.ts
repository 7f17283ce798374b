import type { Group, SyncGroup } from "../in_turn.ts";
import { keep, nextSyncWork } from "../work.ts";
import { closedGroups } from "./closed.ts";
import { refusedDoGroup, refusedSyncGroup } from "./refused.ts";
import { withOptionsGroup } from "./with_options.ts";

/** What everything else stands on. */
const FLOOR: SyncGroup = {
  kind: "sync",
  name: "floor",
  baseline: "empty function",
  ways: {
    "empty function": () => {},
    "bare call": () => keep(nextSyncWork()()),
    "clock reading": () => keep(performance.now() & 1),
  },
};

/** The breaker's own paths, each beside the bare call. */
export async function hotPathGroups(): Promise<Group[]> {
  return [
    FLOOR,
    ...closedGroups(),
    await withOptionsGroup(),
    refusedSyncGroup(),
    refusedDoGroup(),
  ];
}
