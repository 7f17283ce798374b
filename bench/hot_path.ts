/**
 * The breaker's own paths, each beside the bare call:
 *
 *     deno run -A bench/hot_path.ts [--quick]
 *
 * Prints samples as JSON lines. All ways of a group are timed in turn, so that
 * overheads are differences within a group. See `work.ts` for why they do not
 * depend on what V8 inlines. `hot_path_bench.ts` shows the same by `deno bench`.
 */
import { hotPathGroups } from "./hot_path/groups.ts";
import { printGroup } from "./in_turn.ts";

const SLICES = Deno.args.includes("--quick")
  ? { count: 3, durationMs: 20 }
  : { count: 12, durationMs: 20 };

for (const group of await hotPathGroups()) await printGroup("hot_path", group, SLICES);
