import { EventEmitter } from "node:events";
import { guard, type GuardOptions } from "../../integrations/guard/mod.ts";
import {
  type BreakerSettings,
  createBreaker,
  type Policy,
  type StandaloneBreaker,
} from "../../mod.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";

/** What a call to a client that is down fails with. */
export const DOWN = new Error("connection refused");

/** Breakers by name, as a provider holds them, on a clock of their own. */
export class Breakers {
  readonly clock = new ManualClock();
  readonly reports: string[] = [];
  readonly #made = new Map<string, StandaloneBreaker>();
  readonly #policy: Policy;
  readonly #settings: BreakerSettings;

  constructor(policy: Policy = {}, settings: BreakerSettings = {}) {
    this.#policy = { failureThreshold: 2, successThreshold: 1, openStateTimeout: "1s", ...policy };
    const report = (message: string) => void this.reports.push(message);
    const logger = { debug: report, info: report, warn: report, error: report };
    this.#settings = { clock: this.clock, logger, ...settings };
  }

  get names(): string[] {
    return [...this.#made.keys()];
  }

  getBreaker(name: string): StandaloneBreaker {
    const breaker = this.#made.get(name) ?? createBreaker(name, this.#policy, this.#settings);
    this.#made.set(name, breaker);
    return breaker;
  }
}

/** A client with everything that clients have. */
export class Client extends EventEmitter {
  static readonly kind = "client";
  #prefix = "value of ";
  calls = 0;
  down = false;
  readonly settings = { host: "db" };

  get prefix(): string {
    return this.#prefix;
  }
  set prefix(prefix: string) {
    this.#prefix = prefix;
  }
  read(key: string): Promise<string> {
    this.calls++;
    return this.down ? Promise.reject(DOWN) : Promise.resolve(this.#prefix + key);
  }
  async write(key: string): Promise<string> {
    this.calls++;
    if (this.down) throw DOWN;
    return await Promise.resolve(this.#prefix + key);
  }
  readTwice(key: string): Promise<string[]> {
    return Promise.all([this.read(key), this.read(key)]);
  }
  size(): number {
    this.calls++;
    return this.#prefix.length;
  }
  withPrefix(prefix: string): this {
    this.#prefix = prefix;
    return this;
  }
  connect(): Promise<this> {
    return Promise.resolve(this);
  }
  close(): Promise<string> {
    return Promise.resolve(this.#prefix + "closed");
  }
  refuse(): Promise<never> {
    throw new TypeError("a key is needed");
  }
  fetch(_key: string, callback: (value: string) => void): void {
    callback(this.#prefix);
  }
  transact<R>(work: (key: string) => Promise<R>): Promise<R> {
    return work(this.#prefix);
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    yield await Promise.resolve(this.#prefix);
  }
  get [Symbol.toStringTag](): string {
    return this.#prefix;
  }
}

/** A guarded client, and what is behind it. */
export function guarded(options: Partial<GuardOptions> = {}, policy: Policy = {}) {
  const target = new Client();
  const breakers = new Breakers(policy);
  const client = guard(target, breakers, { name: "db", ...options });
  return { target, breakers, client, breaker: breakers.getBreaker("db") };
}
