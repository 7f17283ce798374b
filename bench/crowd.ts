/** Providers with very many breakers, for what is measured of crowds. */
import { createProvider, getDefaultConfig, type Policy, type Provider } from "../mod.ts";
import { type MemoryBackend, memoryBackend } from "../backends/memory.ts";

const CONFIG = getDefaultConfig("bench", "production");

/** A provider on a backend in memory, holding as many breakers as are asked for. */
export interface Crowd {
  readonly provider: Provider;
  readonly names: readonly string[];
  /** Puts another default policy into the backend. */
  setDefault(policy: Policy): void;
  /** Puts another policy of the group that all of them are in, or none. */
  setGroup(policy: Policy | undefined): void;
}

/** Creates a provider that holds a breaker for each of `size` names. */
export async function gather(size: number, maxBreakers: number = size): Promise<Crowd> {
  const backend: MemoryBackend = memoryBackend();
  const provider = await createProvider(CONFIG, {
    backend,
    maxBreakers,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  const names = crowdNames(size);
  for (const name of names) provider.getBreaker(name);
  return {
    provider,
    names,
    setDefault: (policy) => backend.set(CONFIG.policiesPath, "default", policy),
    setGroup: (policy) => {
      if (policy === undefined) backend.unset(CONFIG.policiesPath, GROUP);
      else backend.set(CONFIG.policiesPath, GROUP, policy);
    },
  };
}

/** The group of those names. */
const GROUP = "grpc:service-*";

/** Names as services have them. */
export function crowdNames(size: number): readonly string[] {
  return Array.from({ length: size }, (_, i) => `grpc:service-${i % 1_000}/method-${i}`);
}
