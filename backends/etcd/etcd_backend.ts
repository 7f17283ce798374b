import { BackendError } from "../../src/errors.ts";
import type {
  BackendRequest,
  ConfigSnapshot,
  ConfigUpdate,
  ConfigVersion,
  Finding,
  WritableConfigBackend,
} from "../../src/provider/backend.ts";
import { EtcdMembers, type SessionTask } from "../../etcd/members.ts";
import { EtcdWriter } from "../../etcd/writer.ts";
import { diagnose } from "./diagnose.ts";
import { followPrefix } from "./follow_prefix.ts";
import { holdKey, parseRevision, revisionText } from "./held_key.ts";
import { readHistory } from "./history.ts";
import { KeySpace } from "./keys.ts";
import {
  type EtcdBackendOptions,
  type EtcdBackendSettings,
  etcdBackendSettings,
} from "./options.ts";
import { PrefixMemory } from "./prefix_memory.ts";

/** What is kept of one prefix. */
interface Prefix {
  readonly keys: KeySpace;
  readonly memory: PrefixMemory;
}

/** The backend that {@linkcode etcdBackend} creates. */
export class EtcdBackend implements WritableConfigBackend {
  readonly #settings: EtcdBackendSettings;
  readonly #members: EtcdMembers;
  readonly #prefixes = new Map<string, Prefix>();
  /** Changes are reported. */
  readonly watches = true;

  /**
   * Creates the backend; nothing is connected yet.
   *
   * @throws {TypeError} If an option is not what it must be; the message names it.
   */
  constructor(options: EtcdBackendOptions = {}) {
    this.#settings = etcdBackendSettings(options);
    this.#members = new EtcdMembers(this.#settings);
  }

  /** How it calls itself in messages, without credentials: `etcd(http://127.0.0.1:2379, grpc)`. */
  get description(): string {
    return this.#settings.description;
  }

  /**
   * Reads every document under `prefix`, as the quorum has it.
   *
   * @throws {BackendError} If etcd does not answer or refuses.
   */
  async read(prefix: string, request: BackendRequest = {}): Promise<ConfigSnapshot> {
    const { keys, memory } = this.#prefix(prefix);
    return await this.#request(`read ${prefix}`, request, async (session) => {
      const { kvs, revision } = await session.list(keys.range);
      const held = kvs.map((kv) => holdKey(kv, keys, memory.era));
      return {
        entries: held.flatMap(({ entry }) => entry ?? []),
        revision: String(revision),
        notes: held.flatMap(({ note }) => note ?? []),
      };
    });
  }

  /**
   * Yields every document under `prefix`, then every change, over one session with one host. It
   * throws as soon as the state may not be current any more; the next call tries the next
   * host. A cluster that was wiped or restored yields a state marked `incomplete`, see {@linkcode adopt}.
   */
  async *watch(
    prefix: string,
    { signal }: BackendRequest = {},
  ): AsyncGenerator<ConfigUpdate, void> {
    if (signal?.aborted) return;
    const { keys, memory } = this.#prefix(prefix);
    const host = this.#members.at(0);
    let isSlow = true;
    try {
      const options = { settings: this.#settings, keys, memory, host, signal };
      for await (const update of followPrefix(options)) {
        isSlow = false;
        yield update;
      }
    } catch (error) {
      isSlow = true;
      throw this.#error(`follow ${prefix} at ${host.url}`, error);
    } finally {
      // Whoever gave it up before it had said anything would meet it again.
      if (isSlow) this.#members.leave(host);
    }
  }

  /** Writes the policy of `name` and returns its revision. */
  async put(
    prefix: string,
    name: string,
    text: string,
    request: BackendRequest = {},
  ): Promise<string> {
    const { keys, memory } = this.#prefix(prefix);
    const value = this.#encode(name, text);
    return await this.#write(
      prefix,
      `write the policy of ${JSON.stringify(name)}`,
      request,
      async (writer) => revisionText(await writer.put(keys.keyOf(name), value), memory.era),
    );
  }

  /** Deletes the policy of `name`; `false` if there was none. */
  async delete(prefix: string, name: string, request: BackendRequest = {}): Promise<boolean> {
    const { keys } = this.#prefix(prefix);
    return await this.#write(
      prefix,
      `delete the policy of ${JSON.stringify(name)}`,
      request,
      (writer) => writer.delete(keys.keyOf(name)),
    );
  }

  /** Writes the policy of `name` only if it is still at `revision` (`undefined`: absent); `undefined` if it is not. */
  async compareAndSet(
    prefix: string,
    name: string,
    text: string,
    revision: string | undefined,
    request: BackendRequest = {},
  ): Promise<string | undefined> {
    const { keys, memory } = this.#prefix(prefix);
    const value = this.#encode(name, text);
    request.signal?.throwIfAborted();
    const expected = revision === undefined ? 0 : parseRevision(revision, memory.era);
    // A revision that this cluster never gave is nobody's.
    if (expected === undefined || revision === "0") return undefined;
    return await this.#write(
      prefix,
      `write the policy of ${JSON.stringify(name)}`,
      request,
      async (writer) => {
        const written = await writer.compareAndSet({ key: keys.keyOf(name), expected, value });
        return written === undefined ? undefined : revisionText(written, memory.era);
      },
    );
  }

  /** The versions of the policy of `name` that etcd has not compacted yet, newest first. */
  async history(
    prefix: string,
    name: string,
    request: BackendRequest = {},
  ): Promise<readonly ConfigVersion[]> {
    const { keys, memory } = this.#prefix(prefix);
    return await this.#request(
      `read the history of ${JSON.stringify(name)}`,
      request,
      (session, signal) => readHistory({ session, keys, name, era: memory.era, signal }),
    );
  }

  /** Looks at every host: health, version, leader, alarms, and what we may do under `prefix`. */
  async diagnose(prefix: string, request: BackendRequest = {}): Promise<readonly Finding[]> {
    const { signal = new AbortController().signal } = request;
    signal.throwIfAborted();
    const { keys } = this.#prefix(prefix);
    return await diagnose({ settings: this.#settings, keys, prefix, signal });
  }

  /**
   * Accepts a cluster that was wiped or restored as it is: the documents that it lacks, which
   * were kept until now, are gone from the running watches at once.
   */
  adopt(): void {
    for (const { memory } of this.#prefixes.values()) memory.adopt();
  }

  #prefix(prefix: string): Prefix {
    let found = this.#prefixes.get(prefix);
    if (found === undefined) {
      const keys = new KeySpace(this.#settings.namespace + prefix);
      found = { keys, memory: new PrefixMemory(keys) };
      this.#prefixes.set(prefix, found);
    }
    return found;
  }

  /** Runs `task` over a session of its own; where the host is out of reach, once more with the next. */
  async #request<T>(
    what: string,
    { signal }: BackendRequest,
    task: SessionTask<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await this.#members.request(signal, task);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw this.#error(what, error);
    }
  }

  async #write<T>(
    prefix: string,
    what: string,
    { signal }: BackendRequest,
    task: (writer: EtcdWriter) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const writer = new EtcdWriter(
      this.#prefix(prefix).keys.writeMark,
      (hostOffset, use) =>
        this.#members.withSession({ host: this.#members.at(hostOffset), signal }, use),
    );
    try {
      return await task(writer);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw this.#error(what, error);
    }
  }

  #encode(name: string, text: string): Uint8Array {
    if (text.isWellFormed()) return new TextEncoder().encode(text);
    const what = `write the policy of ${JSON.stringify(name)}`;
    throw this.#error(what, new Error("its text holds half a surrogate pair, which UTF-8 cannot"));
  }

  #error(what: string, cause: unknown): BackendError {
    if (cause instanceof BackendError) return cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `Cannot ${what} in ${this.description}: ${why}`;
    return new BackendError(this.description, message, { cause });
  }
}

/**
 * Creates a config backend over etcd 3.4 or newer. A breaker's document stands at `<namespace><prefix><name>.json`,
 * the name as it is; `<namespace><prefix>breakers.json` is the collection.
 *
 * @example Usage
 * ```ts
 * import { etcdBackend } from "@switchgear/breaker/etcd";
 * import assert from "node:assert/strict";
 *
 * const backend = etcdBackend({ hosts: "127.0.0.1:2379", transport: "gateway" });
 * assert.equal(backend.watches, true); // nothing has been connected yet
 * ```
 *
 * @param options Where etcd is, and how it is spoken to. @default {}
 * @returns The backend; nothing is connected yet.
 * @throws {TypeError} If an option is not what it must be; the message names it.
 */
export function etcdBackend(options: EtcdBackendOptions = {}): EtcdBackend {
  return new EtcdBackend(options);
}
