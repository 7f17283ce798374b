/** One thing that is wrong with a policy document. */
export interface Fault {
  /** Where, as a JSON path: `$.halfOpen.maxProbes`; `$` is the document itself. */
  readonly path: string;
  /** What was found there, as short text. */
  readonly found: string;
  /** What would be allowed there. */
  readonly allowed: string;
  /** For an unknown field or word: the nearest known one, where one is near. */
  readonly suggestion?: string;
  /** All of it as one sentence for people. */
  readonly message: string;
}
