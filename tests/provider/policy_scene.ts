import {
  type ConfigEntry,
  createProvider,
  getDefaultConfig,
  type Policy,
  type Provider,
  type ProviderOptions,
} from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";

/** The service that the provider is of. */
export const CONFIG = getDefaultConfig("im-gateway", "development");

/** Policies by the names of their documents; text as it is. */
export type Documents = Readonly<Record<string, Policy | string>>;

/** A provider on a manual clock, and what its backend says. */
export class PolicyScene implements AsyncDisposable {
  readonly provider: Provider;
  readonly backend: ScriptedBackend;
  readonly clock: ManualClock;
  #revision = 1;

  private constructor(provider: Provider, backend: ScriptedBackend, clock: ManualClock) {
    this.provider = provider;
    this.backend = backend;
    this.clock = clock;
  }

  /** Creates one whose backend holds `documents`. */
  static async of(
    documents: Documents,
    options: Partial<ProviderOptions> = {},
  ): Promise<PolicyScene> {
    const [backend, clock, logger] = [new ScriptedBackend(), new ManualClock(), new KeptLog()];
    backend.snapshot(...entriesOf(documents, 1));
    const given = { backend, clock, logger, random: () => 0 };
    const provider = await createProvider(CONFIG, { ...given, ...options });
    return new PolicyScene(provider, backend, clock);
  }

  /** The backend tells of other documents, all of them in one update. */
  async change(documents: Documents, removed: readonly string[] = []): Promise<void> {
    const changed = entriesOf(documents, ++this.#revision);
    this.backend.changes(changed, removed.map((name) => `${name}.json`));
    await this.clock.tick();
  }

  /** What a field is for breakers now. */
  values(field: keyof Policy, ...names: readonly string[]): unknown[] {
    return names.map((name) => Object.entries(this.provider.getBreaker(name).policy))
      .map((fields) => fields.find(([name]) => name === field)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.provider.close();
    await this.clock.tick("1s");
    await closed;
  }
}

function entriesOf(documents: Documents, revision: number): ConfigEntry[] {
  return Object.entries(documents).map(([name, policy]) => entry(name, policy, String(revision)));
}
