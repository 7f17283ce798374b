/**
 * Policies in memory: for tests, and for programs that make their policies
 * themselves. It can be taken down, made to hang and brought back, so that a
 * test can see how a program bears it.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 *
 * const backend = memoryBackend({ users: { failureThreshold: 3 } });
 * const config = getDefaultConfig("im-gateway", "development");
 * await using provider = await createProvider(config, { backend });
 *
 * backend.fail();
 * backend.set(config.policiesPath, "users", { failureThreshold: 5 });
 * backend.recover();
 * ```
 *
 * @module
 */
import { OptionsCheck } from "../src/check/check_options.ts";
import { BackendError } from "../src/errors.ts";
import type { Policy } from "../src/policy/policy.ts";
import type {
  BackendRequest,
  ConfigEntry,
  ConfigSnapshot,
  ConfigUpdate,
  WritableConfigBackend,
} from "../src/provider/backend.ts";
import { MemoryCondition } from "./memory/memory_condition.ts";
import { UpdateMailbox } from "./update_mailbox.ts";

const DESCRIPTION = "memory()";

/** The documents under one prefix, by source, and who watches them. */
interface Root {
  readonly documents: Map<string, ConfigEntry>;
  readonly watchers: Set<UpdateMailbox>;
}

/**
 * The backend that {@linkcode memoryBackend} creates. Each prefix holds
 * documents of its own. `put`, `delete` and `compareAndSet` are requests, which
 * fail and hang as reads do; `set`, `unset` and `setCollection` stand for
 * somebody else's edits and always take effect at once.
 */
export class MemoryBackend implements WritableConfigBackend {
  /** How it calls itself in messages. */
  readonly description: string = DESCRIPTION;
  /** Changes are reported. */
  readonly watches = true;
  readonly #initial: readonly (readonly [string, Policy | string])[];
  readonly #roots = new Map<string, Root>();
  readonly #condition = new MemoryCondition();
  #revision = 0;

  /** Creates a backend in which every prefix starts with the documents of `initial`, by breaker's name. */
  constructor(initial: Readonly<Record<string, Policy | string>> = {}) {
    this.#initial = Object.entries(initial);
  }

  /** Reads every document under `prefix`. */
  async read(prefix: string, request: BackendRequest = {}): Promise<ConfigSnapshot> {
    await this.#condition.answer(request.signal);
    return this.#snapshot(prefix);
  }

  /** Yields every document under `prefix`, then every change. */
  async *watch(prefix: string, request: BackendRequest = {}): AsyncGenerator<ConfigUpdate, void> {
    const { signal } = request;
    if (signal?.aborted) return;
    if (this.#condition.error !== undefined) throw this.#condition.error;
    const { watchers } = this.#root(prefix);
    const mailbox = new UpdateMailbox(() => this.#snapshot(prefix));
    watchers.add(mailbox);
    signal?.addEventListener("abort", mailbox.close);
    try {
      if (!this.#condition.hangs) mailbox.replace();
      yield* mailbox.updates();
    } finally {
      signal?.removeEventListener("abort", mailbox.close);
      watchers.delete(mailbox);
    }
  }

  /** Writes the policy of `name`, an object or raw text, and returns its revision. */
  async put(
    prefix: string,
    name: string,
    policy: Policy | string,
    request: BackendRequest = {},
  ): Promise<string> {
    await this.#condition.answer(request.signal);
    return this.set(prefix, name, policy);
  }

  /** Deletes the policy of `name`; `false` if there was none. */
  async delete(prefix: string, name: string, request: BackendRequest = {}): Promise<boolean> {
    await this.#condition.answer(request.signal);
    return this.unset(prefix, name);
  }

  /** Writes the policy of `name` only if it is still at `revision`; `undefined` if it is not. */
  async compareAndSet(
    prefix: string,
    name: string,
    policy: Policy | string,
    revision: string | undefined,
    request: BackendRequest = {},
  ): Promise<string | undefined> {
    await this.#condition.answer(request.signal);
    const current = this.#root(prefix).documents.get(policySource(prefix, name));
    return current?.revision === revision ? this.set(prefix, name, policy) : undefined;
  }

  /** Sets the policy of `name`, an object or raw text, also while down or hung; returns its revision. */
  set(prefix: string, name: string, policy: Policy | string): string {
    return this.#store(prefix, "policy", name, policy);
  }

  /** Removes the policy of `name`, also while down or hung; `false` if there was none. */
  unset(prefix: string, name: string): boolean {
    return this.#remove(prefix, policySource(prefix, name));
  }

  /** Sets the collection `breakers`, an object of name to policy or raw text; `undefined` removes it. */
  setCollection(
    prefix: string,
    collection: Readonly<Record<string, Policy>> | string | undefined,
  ): void {
    if (collection === undefined) this.#remove(prefix, collectionSource(prefix));
    else this.#store(prefix, "collection", "breakers", collection);
  }

  /** Takes the backend down: watches throw `error` at once, requests reject with it until {@linkcode recover}. */
  fail(
    error: Error = new BackendError(DESCRIPTION, `Cannot reach ${DESCRIPTION}: it is down`),
  ): void {
    this.#condition.fail(error);
    for (const { watchers } of this.#roots.values()) {
      for (const mailbox of watchers) mailbox.fail(error);
    }
  }

  /** Makes the backend hang: requests get no answer and watches yield nothing until {@linkcode recover} or {@linkcode fail}. */
  hang(): void {
    this.#condition.hang();
  }

  /** Brings the backend back: hung requests are answered, hung watches yield the whole state. */
  recover(): void {
    this.#condition.recover();
    for (const { watchers } of this.#roots.values()) {
      for (const mailbox of watchers) mailbox.replace();
    }
  }

  #root(prefix: string): Root {
    let root = this.#roots.get(prefix);
    if (root === undefined) {
      root = { documents: new Map(), watchers: new Set() };
      this.#roots.set(prefix, root);
      for (const [name, policy] of this.#initial) this.set(prefix, name, policy);
    }
    return root;
  }

  #snapshot(prefix: string): ConfigSnapshot {
    return {
      entries: [...this.#root(prefix).documents.values()],
      revision: String(this.#revision),
    };
  }

  #store(prefix: string, kind: ConfigEntry["kind"], name: string, content: unknown): string {
    const { documents } = this.#root(prefix);
    const source = kind === "policy" ? policySource(prefix, name) : collectionSource(prefix);
    const text = typeof content === "string" ? content : JSON.stringify(content);
    const revision = String(++this.#revision);
    const entry = { kind, name, source, text, revision };
    documents.set(source, entry);
    this.#announce(prefix, source, entry);
    return revision;
  }

  #remove(prefix: string, source: string): boolean {
    if (!this.#root(prefix).documents.delete(source)) return false;
    this.#revision++;
    this.#announce(prefix, source, undefined);
    return true;
  }

  #announce(prefix: string, source: string, entry: ConfigEntry | undefined): void {
    // What happens during a hang is in the whole state that follows it.
    if (this.#condition.hangs) return;
    for (const mailbox of this.#root(prefix).watchers) mailbox.change(source, entry);
  }
}

/**
 * Creates a backend in memory. Its values are policy objects, which are
 * stringified, or raw JSON text; revisions come from a counter.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import assert from "node:assert/strict";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "development"), {
 *   backend: memoryBackend({ users: { failureThreshold: 3 } }),
 * });
 * assert.equal(provider.getBreaker("users").policy.failureThreshold, 3);
 * ```
 *
 * @param initial The documents by breaker name. @default {}
 * @returns The backend, which is up.
 * @throws {TypeError} If `initial` is no object.
 */
export function memoryBackend(
  initial: Readonly<Record<string, Policy | string>> = {},
): MemoryBackend {
  new OptionsCheck("create memory backend").object("initial", initial);
  return new MemoryBackend(initial);
}

function policySource(prefix: string, name: string): string {
  return `memory:${prefix}${name}`;
}

function collectionSource(prefix: string): string {
  return `memory collection:${prefix}breakers`;
}
