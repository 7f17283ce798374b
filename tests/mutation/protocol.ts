import type { Hits } from "./switch.ts";

/** What a worker is asked to do. */
export type Request =
  /** Run every test without a mutant, and tell which mutants each passes by. */
  | { readonly kind: "cover" }
  /** Run tests with a mutant until one fails. */
  | { readonly kind: "try"; readonly mutant: string; readonly tests: readonly TestOrder[] };

/** A test to be run with a mutant. */
export interface TestOrder {
  /** Its place among the worker's tests. */
  readonly index: number;
  /** How long it may take. */
  readonly limitMs: number;
  /** How often it may pass through the mutant. */
  readonly mostHits: number;
}

/** A test as the parent knows it. */
export interface TestName {
  readonly file: string;
  readonly name: string;
}

/** What is known of a test that was run without a mutant. */
export interface Coverage {
  /** How long it took. */
  readonly ms: number;
  /** Which mutants it passes by, and how often. */
  readonly hits: Hits;
  /** What went wrong; absent: nothing. */
  readonly failure?: string;
}

/** What became of a mutant in a worker. */
export type Verdict =
  | { readonly status: "survived" }
  | {
    readonly status: "killed" | "timeout";
    /** The place of the test that it failed. */
    readonly test: number;
    /** What the test said. */
    readonly message: string;
    /** Whether the test passes once the mutant is off again: if not, the process is spoilt. */
    readonly isClean: boolean;
  };

/** All modules are loaded. */
export interface Ready {
  readonly kind: "ready";
  readonly tests: readonly TestName[];
  /** The mutants that were passed by while the package itself was loaded. */
  readonly packageHits: Hits;
  /** The mutants that were passed by while a file of tests was loaded. */
  readonly fileHits: Readonly<Record<string, Hits>>;
}

/** What a worker says. */
export type Answer =
  | Ready
  /** The modules could not be loaded. */
  | { readonly kind: "broken"; readonly message: string }
  /** A test begins. */
  | { readonly kind: "begin"; readonly test: number }
  | { readonly kind: "covered"; readonly test: number; readonly coverage: Coverage }
  | { readonly kind: "coveredAll" }
  | { readonly kind: "verdict"; readonly verdict: Verdict };

/** What each line of an answer begins with: whatever else a worker prints is none. */
export const ANSWER_MARK = "\u0002";
