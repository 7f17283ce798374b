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
  };
}

/** Names as services have them. */
export function crowdNames(size: number): readonly string[] {
  return Array.from({ length: size }, (_, i) => `grpc:service-${i % 1_000}/method-${i}`);
}
