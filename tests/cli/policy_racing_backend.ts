import { MemoryBackend } from "../../backends/memory.ts";
import type { BackendRequest, ConfigVersion, Policy } from "../../mod.ts";

/** A memory backend in which somebody else is first with some writes, and that remembers versions. */
export class RacingBackend extends MemoryBackend {
  #races: Policy[];
  readonly #versions: readonly ConfigVersion[];

  constructor(
    initial: Readonly<Record<string, Policy | string>>,
    races: readonly Policy[] = [],
    versions: readonly ConfigVersion[] = [],
  ) {
    super(initial);
    this.#races = [...races];
    this.#versions = versions;
  }

  override compareAndSet(
    prefix: string,
    name: string,
    policy: Policy | string,
    revision: string | undefined,
    request?: BackendRequest,
  ): Promise<string | undefined> {
    const first = this.#races.shift();
    if (first !== undefined) this.set(prefix, name, first);
    return super.compareAndSet(prefix, name, policy, revision, request);
  }

  history(): Promise<readonly ConfigVersion[]> {
    return Promise.resolve(this.#versions);
  }
}
