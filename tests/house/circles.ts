import type { Import, ImportGraph } from "./import_graph.ts";

/** Which imports count. */
export type Counts = (imported: Import) => boolean;

/**
 * The circles of a graph: sets of files each of which imports, by way of
 * others, every other one. By Tarjan's algorithm ("Depth-first search and linear
 * graph algorithms", SIAM J. Comput. 1972): a file that no file below it leads
 * past closes a set.
 */
export function circlesIn(graph: ImportGraph, counts: Counts = () => true): string[][] {
  const order = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];

  function visit(file: string): number {
    const place = order.size;
    order.set(file, place);
    let low = place;
    path.push(file);
    for (const { target } of (graph.get(file) ?? []).filter(counts)) {
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (path.includes(target)) low = Math.min(low, order.get(target) ?? low);
    }
    if (low === place) {
      const circle = path.splice(path.indexOf(file));
      const importsItself = (graph.get(file) ?? []).some(({ target }) => target === file);
      if (circle.length > 1 || importsItself) circles.push(circle.sort());
    }
    return low;
  }

  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles;
}
