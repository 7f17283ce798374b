/** How often each mutant was passed by, by its id. */
export type Hits = Record<string, number>;

/** What a run of instrumented code is told, and what it tells. */
export interface Control {
  /** The mutant that is active; `undefined`: the code does what was written. */
  active: string | undefined;
  /** Passes through the active mutant, and how many are allowed: more are an endless loop. */
  hits: number;
  mostHits: number;
  /** Takes which mutants are passed by; `undefined`: nobody asks. */
  coverage: Hits | undefined;
}

/** Read by the instrumented code, set by the worker that runs tests on it. */
export const control: Control = {
  active: undefined,
  hits: 0,
  mostHits: Infinity,
  coverage: undefined,
};

/** Whether a mutant is active; the name is the instrumenter's. */
export function stryMutAct_9fa48(id: string): boolean {
  if (control.active !== id) return false;
  if (++control.hits > control.mostHits) {
    throw new Error(`The mutated code ran ${control.hits} times: an endless loop`);
  }
  return true;
}

/** Notes which mutants the code passes by; the name is the instrumenter's. */
export function stryCov_9fa48(...ids: string[]): void {
  const { coverage } = control;
  if (coverage === undefined) return;
  for (const id of ids) coverage[id] = (coverage[id] ?? 0) + 1;
}
