/**
 * Counts the imports of the house that go up, and the files that stand in circles:
 *
 *     deno task house [--root DIR] [--list]
 */
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { TOP_ROOMS } from "./floors.ts";
import { inspectHouse, type Wrong } from "./house.ts";
import { readImportGraph } from "./import_graph.ts";

const USAGE = `Usage: deno task house [--root DIR] [--list]

Counts the imports that go from a lower floor of the house to a higher one, the
files that stand in circles of imports, and what is exported again outside of a
mod.ts. The floors are those of tests/house/floors.ts.

  --root DIR   looks at the project in DIR @default this one
  --list       names each of them
  -h, --help   shows this

Exit status: 0 all is in order; 1 something is not; 2 wrong usage.`;

function named({ file, target, typesOnly }: Wrong): string {
  return `${file} imports ${target}${typesOnly ? ", types only" : ""}`;
}

/** Prints a count and, if asked for, what was counted, and tells how many there are. */
function say(what: string, found: readonly string[], list: boolean): number {
  console.log(`${found.length} ${what}`);
  if (list) { for (const line of found) console.log(`  ${line}`); }
  return found.length;
}

async function main(args: string[]): Promise<number> {
  let values;
  try {
    const options = {
      root: { type: "string", default: fileURLToPath(new URL("../..", import.meta.url)) },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    } as const;
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  const { root, list } = values;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const house = inspectHouse(await readImportGraph(root, ["src", ...TOP_ROOMS]));
  console.log(`${house.files} files, ${house.imports} imports`);
  const counts = [
    say("files on no floor", house.homeless, list),
    say("imports that go up", house.upward.map(named), list),
    say("files in circles", house.circles.flat(), list),
    say("files in circles of values", house.valueCircles.flat(), list),
    say("re-exports outside of a mod.ts", house.reexports.map(named), list),
  ];
  return counts.every((count) => count === 0) ? 0 : 1;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
