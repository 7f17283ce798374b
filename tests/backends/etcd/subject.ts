import assert from "node:assert/strict";
import {
  type EtcdBackend,
  etcdBackend,
  type EtcdBackendOptions,
} from "../../../backends/etcd/mod.ts";
import {
  createProvider,
  getDefaultConfig,
  type Provider,
  type ProviderOptions,
} from "../../../mod.ts";
import type { EtcdAdmin } from "../../servers/etcd_admin.ts";

const CONFIG = getDefaultConfig("im-gateway", "development");
/** Where the documents stand. */
export const PREFIX = CONFIG.policiesPath;
/** How long a state that must come about may take before the test fails; it is no pause. */
const DEADLINE_MS = 30_000;
const STEP_MS = 5;
const CLOSE_MS = 2_000;

/** Times that notice a fault within a second or so, for tests that would wait for the usual ones. */
export const QUICK = { requestTimeoutMs: 800, heartbeatMs: 300, silenceMs: 900 } as const;

/** A provider on an etcd backend, as a service has it; it must close within two seconds. */
export class Subject implements AsyncDisposable {
  readonly backend: EtcdBackend;
  readonly provider: Provider;
  /** What the provider logged as warnings or worse. */
  readonly warnings: readonly string[];

  private constructor(backend: EtcdBackend, provider: Provider, warnings: readonly string[]) {
    this.backend = backend;
    this.provider = provider;
    this.warnings = warnings;
  }

  static async start(
    options: EtcdBackendOptions,
    more: Partial<ProviderOptions> = {},
  ): Promise<Subject> {
    const backend = etcdBackend({ ...QUICK, ...options });
    const warnings: string[] = [];
    const warn = (message: string): void => {
      warnings.push(message);
    };
    const logger = { debug: () => {}, info: () => {}, warn, error: warn };
    const provider = await createProvider(CONFIG, { backend, logger, ...more });
    return new Subject(backend, provider, warnings);
  }

  /** The failure threshold in force for a breaker. */
  threshold(name: string): number | undefined {
    return this.provider.getBreaker(name).policy.failureThreshold;
  }

  /** Waits until the provider has noticed that it is cut off, and returns how many milliseconds that took. */
  async lost(what: string): Promise<number> {
    return await this.until(
      `${what}: noticed`,
      () => this.provider.status().backend.state === "stale",
    );
  }

  /**
   * Makes an edit, and waits until what the provider holds is what etcd holds, document by
   * document. Prints how long that took, and returns it.
   */
  async converges(admin: EtcdAdmin, what: string): Promise<number> {
    const startedMs = performance.now();
    await untilDone(() =>
      admin.put(`${PREFIX}edit.json`, JSON.stringify({ failureThreshold: 1 + edits++ }))
    );
    const held = (await admin.list(PREFIX)).filter(({ key }) => key.endsWith(".json"));
    const wanted = held.map(({ key, modRevision }) => `${key} ${modRevision}`).sort();
    await this.until(`${what}: converged`, () => {
      const { backend, documents } = this.provider.status();
      if (backend.state !== "fresh") return false;
      const has = documents.map(({ source, inForce, refused }) => {
        const revision = refused?.revision ?? inForce?.revision ?? "";
        return `${source} ${revision.replace(/~\d+$/, "")}`;
      });
      return has.length === wanted.length &&
        has.sort().every((one, index) => one === wanted[index]);
    });
    const tookMs = performance.now() - startedMs;
    console.log(`${what}: converged in ${tookMs.toFixed(0)} ms`);
    return tookMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const startedMs = performance.now();
    await this.provider.close();
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs < CLOSE_MS, `close() took ${tookMs.toFixed(0)} ms`);
  }

  /** Waits until `condition` holds, and returns how many milliseconds that took. */
  async until(what: string, condition: () => boolean): Promise<number> {
    const startedMs = performance.now();
    while (!condition()) {
      if (performance.now() - startedMs > DEADLINE_MS) {
        const { backend, documents } = this.provider.status();
        throw new Error(
          `Not within ${DEADLINE_MS} ms: ${what}; ${
            JSON.stringify({ backend, documents: documents.slice(0, 5) })
          }`,
        );
      }
      await pauseMs(STEP_MS);
    }
    return performance.now() - startedMs;
  }
}

let edits = 0;

/** Real time: an etcd that is a process of its own knows no other clock. */
export function pauseMs(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** Runs `task` again until it succeeds: an etcd that comes back refuses a while longer. */
export async function untilDone<T>(task: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  for (;;) {
    try {
      return await task();
    } catch (error) {
      if (performance.now() - startedMs > DEADLINE_MS) throw error;
      await pauseMs(50);
    }
  }
}
