/**
 * The breaker's own paths, each beside the bare call, for a look by `deno bench`;
 * the report takes `hot_path.ts`, which tells small differences better.
 */
import { fly } from "./flight.ts";
import { hotPathGroups } from "./hot_path/groups.ts";
import type { Group } from "./in_turn.ts";
import { keep } from "./work.ts";

/** A body for `deno bench` for each way of a group. */
function bodies(group: Group): [name: string, body: () => void | Promise<void>][] {
  switch (group.kind) {
    case "sync":
      return Object.entries(group.ways);
    case "async":
      return Object.entries(group.ways).map(([name, call]) => [name, async () => {
        try {
          keep(await call());
        } catch {
          keep(1);
        }
      }]);
    case "flight":
      return Object.entries(group.ways).map(([name, guard]) => [
        name,
        () => fly(guard, group.flight),
      ]);
  }
}

for (const group of await hotPathGroups()) {
  for (const [name, body] of bodies(group)) {
    Deno.bench(name, { group: group.name, baseline: name === group.baseline }, body);
  }
}
