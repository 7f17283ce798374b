import type { Draws } from "./draws.ts";
import { NASTY_DURATIONS, NASTY_NAMES, NASTY_NUMBERS, NOT_JSON } from "./nasty.ts";

/** The text with a few characters or stretches taken out, put in, repeated or swapped. */
export function mutated(draws: Draws, text: string): string {
  let result = text;
  for (let times = draws.below(4); times > 0; times--) result = mutatedOnce(draws, result);
  return result;
}

function mutatedOnce(draws: Draws, text: string): string {
  const from = draws.below(text.length + 1);
  const to = Math.min(text.length, from + draws.below(draws.chance(0.8) ? 3 : text.length + 1));
  const [before, cut, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  switch (draws.below(6)) {
    case 0:
      return before + after;
    case 1:
      return before + cut + cut + after;
    case 2:
      return before + draws.pick([...NOT_JSON, ...NASTY_NUMBERS]) + after;
    case 3:
      return before + String.fromCharCode(draws.below(0x10000)) + after;
    case 4:
      return before + String.fromCharCode(draws.below(0x80)) + cut + after;
    default:
      return after + cut + before;
  }
}

const LEAVES: readonly unknown[] = [
  ...NASTY_NUMBERS.map(Number),
  ...[...NASTY_NAMES, ...NASTY_DURATIONS],
  ...[null, true, false, [], {}, [[]], "closed", "open", "half-open", "count", "time", "7"],
];

/** A copy of a tree in which a few values are others, missing, additional or swapped. */
export function mutatedTree(draws: Draws, tree: unknown): unknown {
  let result = tree;
  for (let times = 1 + draws.below(3); times > 0; times--) result = changed(draws, result);
  return result;
}

function changed(draws: Draws, tree: unknown): unknown {
  if (typeof tree !== "object" || tree === null || draws.chance(0.1)) return draws.pick(LEAVES);
  if (Array.isArray(tree)) {
    const at = draws.below(tree.length + 1);
    return tree.toSpliced(at, draws.below(2), changed(draws, tree[at]));
  }
  const entries: [string, unknown][] = Object.entries(tree);
  const at = draws.below(entries.length + 1);
  const [name, value] = entries[at] ?? [draws.pick(NASTY_NAMES), undefined];
  if (draws.chance(0.2)) entries.splice(at, 1);
  else if (draws.chance(0.1)) entries.splice(at, 1, [draws.pick(NASTY_NAMES), value]);
  else entries.splice(at, 1, [name, changed(draws, value)]);
  return Object.fromEntries(entries);
}
