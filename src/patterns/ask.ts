import { verdict } from "../call/verdict.ts";

/** What a predicate of the user's is asked. */
export interface Question<S> {
  /** What it is called in a report. */
  readonly name: string;
  /** The predicate. */
  readonly predicate: (subject: S) => boolean;
  /** What counts if it cannot answer. */
  readonly otherwise: boolean;
  /** Hears that it could not answer. */
  readonly report: (message: string, error: unknown) => void;
}

/** What the predicate says of `subject`; one that throws, or answers with a promise, is reported. */
export function ask<S>(subject: S, { name, predicate, otherwise, report }: Question<S>): boolean {
  try {
    return Boolean(verdict(name, predicate(subject)));
  } catch (error) {
    report(`${name} failed, taking it for ${otherwise}`, error);
    return otherwise;
  }
}
