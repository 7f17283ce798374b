import { type Figures, type Lookup, spreadOf } from "./figures.ts";
import { type MedianInterval, medianInterval } from "./median_interval.ts";
import type { Unit } from "./sample.ts";

/** Computes a figure from what one round measured. */
export type Measure = (get: Lookup) => number;

/** A limit that something must keep to. */
export interface Budget {
  /** What it is for, within its section. */
  readonly what: string;
  readonly unit: Unit | "ratio";
  /** Kept at or below this. */
  readonly limit: number;
  /** What must keep to it, each by its name: one at least. */
  readonly cases: Readonly<Record<string, Measure>>;
  /** The least that anything of this kind comes to. */
  readonly floor?: Measure;
}

/** Budgets of one kind. */
export interface BudgetSection {
  readonly title: string;
  /** What is measured, as Markdown. */
  readonly about: string;
  readonly budgets: readonly Budget[];
}

/** How a budget came out: {@linkcode judge} says when which. */
export type Outcome = "met" | "missed" | "undecided" | "not measured";

/** How a budget came out, and by what. */
export interface Verdict {
  readonly budget: Budget;
  readonly outcome: Outcome;
  /** The dearest of the cases; `undefined`: not all were measured. */
  readonly dearest: JudgedCase | undefined;
  /** The median of the floor; `undefined`: there is none, or it was not measured. */
  readonly floor: number | undefined;
}

/** One of a budget's cases, as measured. */
export interface JudgedCase {
  readonly name: string;
  /** The median of the rounds. */
  readonly median: number;
  /** Where the median lies that more and more rounds would come to. */
  readonly interval: MedianInterval;
}

/** The verdicts on the budgets of one section. */
export interface JudgedSection extends Omit<BudgetSection, "budgets"> {
  readonly verdicts: readonly Verdict[];
}

/** How sure a verdict must be. Five rounds give 94 %, four give 88 %. */
export const CONFIDENCE = 0.9;

/** Judges the budgets of each section. */
export function judgeSections(
  sections: readonly BudgetSection[],
  figures: Figures,
): JudgedSection[] {
  return sections.map(({ budgets, ...section }) => ({
    ...section,
    verdicts: budgets.map((budget) => judge(budget, figures)),
  }));
}

/**
 * Judges a budget by the intervals of its cases. It is met if all of them lie within the limit,
 * missed if one of them lies beyond. Otherwise it is undecided: the limit lies inside of an
 * interval, or there were too few rounds.
 */
export function judge(budget: Budget, figures: Figures): Verdict {
  const floors = budget.floor === undefined ? [] : figures.inEachRound(budget.floor);
  const floor = floors.length === 0 ? undefined : spreadOf(floors).median;
  const cases: JudgedCase[] = [];
  for (const [name, measure] of Object.entries(budget.cases)) {
    const values = figures.inEachRound(measure);
    if (values.length === 0) {
      return { budget, outcome: "not measured", dearest: undefined, floor };
    }
    const interval = medianInterval(values, CONFIDENCE);
    cases.push({ name, median: spreadOf(values).median, interval });
  }
  const [dearest] = cases.toSorted((a, b) => b.median - a.median);
  const outcomes = cases.map((judged) => outcomeOf(judged, budget.limit));
  const outcome = outcomes.includes("missed")
    ? "missed"
    : outcomes.every((each) => each === "met")
    ? "met"
    : "undecided";
  return { budget, outcome, dearest, floor };
}

function outcomeOf({ interval: { low, high, confidence } }: JudgedCase, limit: number): Outcome {
  if (confidence < CONFIDENCE) return "undecided";
  if (high <= limit) return "met";
  return low > limit ? "missed" : "undecided";
}
