/**
 * Where the last good policies are kept between runs, so that a process can
 * start with them while its backend is out of reach. `@switchgear/breaker/file`
 * has one that keeps them in a file.
 */
export interface LastKnownGoodStore {
  /** Returns what was last saved, or `undefined` if nothing was. */
  load(): Promise<string | undefined>;
  /** Replaces what was saved, whole or not at all. */
  save(text: string): Promise<void>;
}
