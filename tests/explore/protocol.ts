/** What a worker is asked to do: to explore one scope. */
export interface Order {
  /** Name of the scope. */
  readonly scope: string;
  /** Length of the sequences to go to. */
  readonly depth: number;
  /** When to stop all the same, in milliseconds since 1970; infinite: never. */
  readonly until: number;
}

/** How far a worker has come with a scope. */
export interface ScopeReport {
  readonly scope: string;
  readonly depth: number;
  readonly states: number;
  readonly steps: number;
  /** Whether no sequence, however long, leads to another state. */
  readonly complete: boolean;
  /** Whether it stopped because more states would take too much memory. */
  readonly full: boolean;
  readonly done: boolean;
  /** Texts that tell of a difference; empty: there is none. */
  readonly difference: string;
}
