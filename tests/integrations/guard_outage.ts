import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { memoryBackend } from "../../backends/memory.ts";
import {
  type Breaker,
  BreakerOpenError,
  createProvider,
  getDefaultConfig,
  type Policy,
  type Provider,
} from "../../mod.ts";
import { until } from "../support/until.ts";

/** How a server goes away: its process is gone, or it is there and says nothing. */
export const OUTAGES = ["killed with SIGKILL", "paused with SIGSTOP"] as const;
export type Outage = typeof OUTAGES[number];

/** A server that can go away and come back on its port. */
export interface Outable {
  readonly port: number;
  start(): Promise<void>;
  kill(): Promise<void>;
  pause(): Promise<void>;
  resume(): void;
}

const CALLERS = 8;
const PAUSE_MS = 2;

/** Short, so that tests of real outages are. */
const POLICY: Policy = {
  failureThreshold: 5,
  successThreshold: 2,
  openStateTimeout: "300ms",
  timeout: "1s",
};

/** A provider whose breakers are quick, those named in `policies` with what they ask for beside it. */
export function quickProvider(policies: Readonly<Record<string, Policy>> = {}): Promise<Provider> {
  const nothing = () => {};
  const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const backend = memoryBackend({ default: POLICY, ...policies });
  return createProvider(getDefaultConfig("guard-test", "development"), { backend, logger });
}

/** Calls from several places at once, for as long as it is not disposed. */
export class Load implements AsyncDisposable {
  served = 0;
  failed = 0;
  readonly refusalsMs: number[] = [];
  readonly #operation: () => Promise<unknown>;
  readonly #callers: Promise<void[]>;
  #ended = false;

  constructor(operation: () => Promise<unknown>, callers = CALLERS) {
    this.#operation = operation;
    this.#callers = Promise.all(Array.from({ length: callers }, () => this.#call()));
  }

  /** The middle of the times that refused calls took. */
  get usualRefusalMs(): number {
    const sorted = this.refusalsMs.toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? Infinity;
  }

  async #call(): Promise<void> {
    while (!this.#ended) {
      const started = performance.now();
      try {
        await this.#operation();
        this.served++;
      } catch (error) {
        if (error instanceof BreakerOpenError) this.refusalsMs.push(performance.now() - started);
        else this.failed++;
      }
      await sleep(PAUSE_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#callers;
  }
}

/**
 * Takes a server away under load and brings it back: the breaker opens, refuses at once, and
 * closes, and calls are served again. Real time: the server and its clients know no other.
 */
export async function endure(
  server: Outable,
  { outage, breaker, load }: { outage: Outage; breaker: Breaker; load: Load },
): Promise<void> {
  const isKilled = outage === "killed with SIGKILL";
  await until(() => load.served >= 50, "calls are served");
  assert.equal(load.failed, 0);
  await (isKilled ? server.kill() : server.pause());
  await until(() => load.refusalsMs.length >= 300, "the breaker refuses");
  assert(load.usualRefusalMs < 50, `a refusal took ${load.usualRefusalMs} ms`);
  await (isKilled ? server.start() : server.resume());
  await until(() => breaker.state === "closed", "the breaker closes");
  const { served } = load;
  await until(() => load.served >= served + 50, "calls are served again");
}

/** Sockets of this machine's clients to a port, those that wait for nothing but time left out. */
export async function connectionsTo(port: number): Promise<number> {
  const TIME_WAIT = "06";
  const lines = (await readFile("/proc/net/tcp", "utf8")).trim().split("\n").slice(1);
  return lines.map((line) => line.trim().split(/\s+/)).filter(([, , remote = "", state]) =>
    parseInt(remote.slice(-4), 16) === port && state !== TIME_WAIT
  ).length;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
