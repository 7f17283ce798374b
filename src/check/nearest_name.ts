/** A name that runs on into a known one must be at least this long to be taken for it. */
const MIN_PREFIX = 4;

/**
 * Finds the known name that somebody most likely meant: the same but for case,
 * hyphens and underscores; else one that differs in at most a third of its
 * letters; else one that the name begins or that begins the name.
 *
 * @param name The unknown name.
 * @param known The names that there are.
 * @returns The nearest known name, or `undefined` if none is near.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const longest = Math.max(0, ...known.map((candidate) => candidate.length));
  if (name.length > 2 * longest) return undefined;
  const meant = normalize(name);

  let nearest: string | undefined;
  let nearestDistance = Infinity;
  for (const candidate of known) {
    const distance = editDistance(meant, normalize(candidate));
    const limit = Math.floor(Math.max(meant.length, candidate.length) / 3);
    if (distance <= limit && distance < nearestDistance) {
      nearest = candidate;
      nearestDistance = distance;
    }
  }
  return nearest ?? known.find((candidate) => continues(meant, normalize(candidate)));
}

function normalize(name: string): string {
  return name.replaceAll(/[-_\s]/g, "").toLowerCase();
}

function continues(meant: string, candidate: string): boolean {
  if (Math.min(meant.length, candidate.length) < MIN_PREFIX) return false;
  return candidate.startsWith(meant) || meant.startsWith(candidate);
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = from[row - 1] === to[column - 1] ? 0 : 1;
      let distance = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + replaced,
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) distance = Math.min(distance, at(beforePrevious, column - 2) + 1);
      current.push(distance);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
