import type { Layer, LayerOptions, Operation } from "../../../mod.ts";

/** A layer that notes its name and what it is given, and hands the call on. */
export class SeenLayer implements Layer {
  /** The options of each call. */
  readonly options: (LayerOptions | undefined)[] = [];
  readonly #name: string;
  readonly #seen: string[];
  readonly #given: AbortSignal | undefined;

  /** Notes its name in `seen`, and gives its operation the signal `given` rather than the caller's. */
  constructor(name: string, seen: string[], given?: AbortSignal) {
    this.#name = name;
    this.#seen = seen;
    this.#given = given;
  }

  do<T>(operation: Operation<T>, options?: LayerOptions): Promise<T> {
    this.#seen.push(this.#name);
    this.options.push(options);
    return Promise.resolve(operation(this.#given ?? options?.signal ?? undefined));
  }
}
