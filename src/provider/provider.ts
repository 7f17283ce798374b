import { type Breaker, coreOf } from "../breaker/breaker.ts";
import { BreakerCore } from "../breaker/core.ts";
import type { CallWatcher } from "../breaker/events/call_watcher.ts";
import type { BreakerEvents, BreakerListener } from "../breaker/events/events.ts";
import { BreakerHost } from "../breaker/host/host.ts";
import {
  checkRestoreOptions,
  type RestoreOptions,
  resumeFrom,
} from "../breaker/snapshot/restore.ts";
import type { BreakerSnapshot } from "../breaker/snapshot/snapshot.ts";
import { assertSnapshot } from "../breaker/snapshot/snapshot_check.ts";
import { describeError } from "../errors.ts";
import { race, type RaceOptions } from "../time/waiting.ts";
import type { ConfigUpdate } from "./backend.ts";
import { BreakerPolicies } from "./breaker_policies.ts";
import { composeBreakerStatus, composeConfigStatus } from "./compose_status.ts";
import type { ProviderConfig } from "./config.ts";
import { DocumentStore } from "./document_store.ts";
import { Feed } from "./feed.ts";
import { KnownGoodKeeper } from "./known_good_keeper.ts";
import { readKnownGood, writeKnownGood } from "./known_good_state.ts";
import type { ProviderOptions } from "./options.ts";
import type { ProviderLog } from "./provider_log.ts";
import { Registry } from "./registry.ts";
import type { ConfigStatus, ProviderStatus } from "./status.ts";

/** How long one attempt at the backend may take until it says anything. */
const ATTEMPT_MS = 10_000;
/** How long a start whose policies are there waits for the last known good state. */
const STORE_WAIT_MS = 1_000;
/** How long closing waits until the last known good state is saved. */
const SAVE_WAIT_MS = 5_000;

/** How long a start may take, and what ends it. */
export interface StartLimits extends RaceOptions {
  /** Milliseconds until it is given up. */
  readonly timeoutMs: number;
}

/** How a start went. */
export interface StartReport {
  /** Whether the backend was read. */
  readonly loaded: boolean;
  /** Whether there was a last known good state. */
  readonly knownGood: boolean;
  /** Times that a watch of the backend was begun. */
  readonly attempts: number;
  /** Why the last of them failed. */
  readonly lastError: unknown;
  /** Why the last known good state could not be loaded. */
  readonly storeError: unknown;
}

/** Has each breaker of a provider watched, also those made later; for what is built on providers, not for users. */
export let watchBreakers: (
  provider: Provider,
  watcherOf: (core: BreakerCore) => CallWatcher,
) => () => void;

/** Loads the policies and begins to follow them; for `createProvider`, not for users. */
export let startProvider: (provider: Provider, limits: StartLimits) => Promise<StartReport>;

/**
 * The breakers of a service by name, under policies that a config backend holds
 * and that change while the program runs. Created by `createProvider`.
 */
export class Provider implements AsyncDisposable {
  readonly #config: ProviderConfig;
  readonly #host: BreakerHost;
  readonly #log: ProviderLog;
  readonly #feed: Feed;
  readonly #store = new DocumentStore();
  readonly #registry: Registry;
  readonly #keeper: KnownGoodKeeper | undefined;
  readonly #policies: BreakerPolicies;
  #origin: ProviderStatus["origin"] = "defaults";
  #lastKnownGoodError: unknown;
  #closing: Promise<void> | undefined;
  readonly #options: ProviderOptions;

  /** Creates a provider that has not loaded anything; use `createProvider`. */
  constructor(config: ProviderConfig, options: ProviderOptions, log: ProviderLog) {
    this.#config = config;
    this.#options = options;
    this.#log = log;
    this.#host = new BreakerHost(options);
    log.follow(this.#host);
    const { clock, timeline } = this.#host;
    const { maxBreakers = 100_000 } = options;
    const create = (name: string): BreakerCore => this.#create(name);
    this.#registry = new Registry({ maxBreakers, host: this.#host, create, log });
    this.#policies = new BreakerPolicies({
      environment: config.defaultPolicy,
      store: this.#store,
      timeline,
      find: (name) => this.#registry.find(name),
    });
    this.#feed = new Feed({
      backend: options.backend,
      prefix: config.policiesPath,
      clock,
      random: () => this.#host.draw("of the provider"),
      attemptMs: ATTEMPT_MS,
      onUpdate: (update) => this.#takeUpdate(update),
      onState: (state, error) => this.#logFeed(state, error),
    });
    this.#keeper = options.lastKnownGood && new KnownGoodKeeper(
      options.lastKnownGood,
      clock,
      () => writeKnownGood(config.serviceName, this.#store.documents()),
      (error) => this.#knownGoodFailed(error),
    );
    options.signal?.addEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => {
    this.close();
  };

  /**
   * The breaker of a name: the same object for the same name. The breaker named
   * `default` uses the default policy.
   *
   * @param name Any text.
   * @throws {TypeError} If `name` is not a string.
   * @throws {TooManyBreakersError} If the name is new, and twice `maxBreakers` breakers are in use.
   */
  getBreaker(name: string): Breaker {
    if (typeof name !== "string") {
      throw new TypeError(`Cannot get breaker: "name" must be a string, received ${typeof name}`);
    }
    return this.#registry.get(name);
  }

  /**
   * Creates the breaker of a snapshot's name, which goes on where the snapshot
   * was taken, under its policy of now. For the start of a process, before the
   * breaker is used. The time that the process was away counts, unless `elapsed` says otherwise.
   *
   * @throws {TypeError} If `snapshot` is none, or the breaker is in use already.
   */
  restore(snapshot: BreakerSnapshot, options: RestoreOptions = {}): Breaker {
    const checked = assertSnapshot(snapshot);
    checkRestoreOptions(options);
    if (this.#registry.find(checked.name) !== undefined) {
      throw new TypeError(`Cannot restore breaker "${checked.name}": it is in use already`);
    }
    const breaker = this.#registry.get(checked.name);
    resumeFrom(coreOf(breaker), checked, options);
    return breaker;
  }

  /** Breakers that the provider itself holds: at most `maxBreakers`, and up to twice as many where all are in use. */
  get heldBreakers(): number {
    return this.#registry.size;
  }

  /** Every breaker that there is: first the `heldBreakers` that the provider holds, then those that somebody else still does. */
  breakers(): Iterable<Breaker> {
    return this.#registry.all();
  }

  /**
   * Calls `listener` with each event of one kind of every breaker.
   *
   * @returns What removes the listener again.
   */
  on<K extends keyof BreakerEvents>(type: K, listener: BreakerListener<K>): () => void {
    return this.#host.on(type, listener);
  }

  /** What is in force for every breaker and document, from where, what was refused and why, and how the backend is. */
  status(): ProviderStatus {
    const breakers = composeBreakerStatus(this.#registry.all(), this.#store);
    return { ...this.configStatus(), places: this.#registry.places, breakers };
  }

  /** The status without the breakers: it costs the same however many there are. */
  configStatus(): ConfigStatus {
    return composeConfigStatus({
      service: this.#config.serviceName,
      origin: this.#origin,
      backend: this.#options.backend,
      feed: this.#feed,
      now: this.#feed.now(),
      store: this.#store,
      policies: this.#policies,
      lastKnownGoodError: this.#lastKnownGoodError,
    });
  }

  /**
   * Ends the watch of the backend. The breakers go on with the policies that
   * they have: a process that is shutting down still serves its last calls.
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    await this.#feed.close();
    if (this.#keeper === undefined) return;
    const { clock } = this.#host;
    try { // a store that hangs must not keep a process from ending
      await race(this.#keeper.flush(), { clock, timeoutMs: SAVE_WAIT_MS });
    } catch (error) {
      this.#knownGoodFailed(error);
    }
  }

  /** Closes the provider. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start({ timeoutMs, ...limits }: StartLimits): Promise<StartReport> {
    const knownGood = this.#loadKnownGood();
    const loaded = await race(this.#feed.start(), { ...limits, timeoutMs })
      .then(() => true, () => false);
    // A store that hangs must not hold up a start whose policies are there.
    const waitMs = loaded ? Math.min(timeoutMs, STORE_WAIT_MS) : 0;
    await race(knownGood, { ...limits, timeoutMs: waitMs }).catch(() => {});
    return {
      loaded,
      knownGood: this.#origin === "last-known-good",
      attempts: this.#feed.attempts,
      lastError: this.#feed.lastError,
      storeError: this.#lastKnownGoodError,
    };
  }

  /** Puts the last known good state in force where the backend has not said otherwise. */
  async #loadKnownGood(): Promise<void> {
    try {
      const text = await this.#options.lastKnownGood?.load();
      if (text === undefined) return;
      const entries = readKnownGood(this.#config.serviceName, text);
      const isRead = this.#origin === "backend";
      this.#policies.obey(this.#store.fillIn(entries, isRead).names);
      if (!isRead) this.#origin = "last-known-good";
    } catch (error) {
      this.#knownGoodFailed(error);
    }
  }

  #create(name: string): BreakerCore {
    const policies = this.#policies;
    return new BreakerCore(name, this.#host, policies.versionFor(name), policies.own(name));
  }

  #takeUpdate(update: ConfigUpdate): void {
    const change = this.#store.apply(update);
    if (update.kind === "snapshot" && update.snapshot.incomplete !== undefined) {
      this.#log.write("error", `Policies that are missing are kept: ${update.snapshot.incomplete}`);
    }
    this.#origin = "backend";
    this.#policies.obey(change.names);
    for (const document of change.documents) this.#log.document(document);
    for (const source of change.removed) {
      this.#log.write("info", `Policy ${source} is gone`, { source });
    }
    if (change.documents.length + change.removed.length > 0) this.#keeper?.changed();
  }

  #logFeed(state: "fresh" | "stale", error: unknown): void {
    const { description } = this.#options.backend;
    if (state === "fresh") {
      this.#log.write("info", `Policies follow ${description} again`);
      return;
    }
    const reason = describeError(error);
    this.#log.write("warn", `Policies stay as they are, ${description} is lost: ${reason}`);
  }

  #knownGoodFailed(error: unknown): void {
    this.#lastKnownGoodError = error;
    this.#log.write("warn", `Last known good state: ${describeError(error)}`);
  }

  static {
    startProvider = (provider, limits) => provider.#start(limits);
    watchBreakers = (provider, watcherOf) => provider.#registry.watch(watcherOf);
  }
}
