import { circlesIn } from "./circles.ts";
import { floorOf } from "./floors.ts";
import type { Import, ImportGraph } from "./import_graph.ts";

/** An import that breaks a rule of the house. */
export interface Wrong {
  readonly file: string;
  readonly target: string;
  readonly typesOnly: boolean;
}

/** What is wrong with a house. */
export interface HouseReport {
  readonly files: number;
  readonly imports: number;
  /** Files that stand on no floor. */
  readonly homeless: readonly string[];
  /** Imports from a higher floor. */
  readonly upward: readonly Wrong[];
  /** Circles of imports, those of types alone among them. */
  readonly circles: readonly (readonly string[])[];
  /** Circles that are left when types are gone. */
  readonly valueCircles: readonly (readonly string[])[];
  /** Files other than `mod.ts` that export what another file has. */
  readonly reexports: readonly Wrong[];
}

/** Looks at the imports of a house. */
export function inspectHouse(graph: ImportGraph): HouseReport {
  const edges = [...graph].flatMap(([file, imports]) =>
    imports.map((imported) => ({ file, ...imported }))
  );
  return {
    files: graph.size,
    imports: edges.length,
    homeless: [...graph.keys()].filter((file) => floorOf(file) < 0),
    upward: edges.filter(({ file, target }) => isUpward(file, target)),
    circles: circlesIn(graph),
    valueCircles: circlesIn(graph, ({ typesOnly }: Import) => !typesOnly),
    reexports: edges.filter(({ file, reexport }) => reexport && !/(^|\/)mod\.ts$/.test(file)),
  };
}

function isUpward(file: string, target: string): boolean {
  const floor = floorOf(file);
  // Programs use the package as its users do.
  if (floor === 0 && (target === "mod.ts" || target === "deno.json")) return false;
  // Examples are run from a clone, and start the servers that the tests start.
  if (file.startsWith("examples/") && target.startsWith("tests/servers/")) return false;
  const below = floorOf(target);
  return below < 0 || below < floor;
}
