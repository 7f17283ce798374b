import { OptionsCheck } from "../check/check_options.ts";
import type { Policy } from "../policy/policy.ts";
import { type Clock, CLOCK_METHODS, systemClock } from "../time/clock.ts";
import type {
  BackendRequest,
  ConfigEntry,
  ConfigUpdate,
  WritableConfigBackend,
} from "./backend.ts";
import { type ConfigCodec, POLICY_CODEC } from "./config_codec.ts";
import { Feed } from "./feed.ts";

/** One document as the centre knows it. */
export interface ConfigItem<T> {
  /** The document's name: a breaker's, or a group's such as `tenant-*`. A literal `*` in it is written `**`. */
  readonly name: string;
  /** Where it stands in the backend. */
  readonly source: string;
  /** Which version, for {@linkcode ConfigCentre.compareAndSet}. */
  readonly revision: string;
  /** What stands there, as it stands there. */
  readonly text: string;
  /** The value; `undefined`: it is invalid, see `error`. */
  readonly value: T | undefined;
  /** What is wrong with it; `undefined`: nothing. */
  readonly error: unknown;
}

/** What a watch tells: a document was written, or it is gone. */
export type ConfigEvent<T> =
  | { readonly kind: "put"; readonly item: ConfigItem<T> }
  | { readonly kind: "delete"; readonly name: string; readonly source: string };

/** What a watch takes besides what every request takes. */
export interface ConfigWatchOptions extends BackendRequest {
  /** Only the document of this name. @default all of them */
  name?: string | undefined;
  /** The clock of the pauses between attempts. @default systemClock */
  clock?: Clock | undefined;
}

/**
 * The documents of a backend to read, write and watch, with the same meaning
 * whatever the backend is. What is written is checked first: an invalid value
 * never reaches the store through here.
 *
 * @example Usage
 * ```ts
 * import { configCentre } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import assert from "node:assert/strict";
 *
 * const centre = configCentre(memoryBackend(), "/config/dev/im-gateway/breakers/");
 * const revision = await centre.put("payments", { failureThreshold: 3 });
 * assert.equal(await centre.compareAndSet("payments", { failureThreshold: 4 }, "stale"), undefined);
 * assert(await centre.compareAndSet("payments", { failureThreshold: 4 }, revision));
 * assert.equal((await centre.get("payments"))?.value?.failureThreshold, 4);
 * ```
 *
 * @typeParam T What a document's text stands for.
 */
export class ConfigCentre<T> {
  readonly #backend: WritableConfigBackend;
  readonly #prefix: string;
  readonly #codec: ConfigCodec<T>;

  /** Creates a centre over the documents of `backend` under `prefix`. */
  constructor(backend: WritableConfigBackend, prefix: string, codec: ConfigCodec<T>) {
    this.#backend = backend;
    this.#prefix = prefix;
    this.#codec = codec;
  }

  /**
   * The document of a name; `undefined`: there is none.
   *
   * @throws {BackendError} If the backend cannot be read.
   */
  async get(name: string, request?: BackendRequest): Promise<ConfigItem<T> | undefined> {
    return (await this.list(request)).find((item) => item.name === name);
  }

  /**
   * Every document, invalid ones too, by name. The collection `breakers.json` is
   * not among them.
   *
   * @throws {BackendError} If the backend cannot be read.
   */
  async list(request?: BackendRequest): Promise<ConfigItem<T>[]> {
    const { entries } = await this.#backend.read(this.#prefix, request);
    return entries.filter(isDocument).map((entry) => this.#item(entry))
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /**
   * Writes a document, whatever stood there, and returns its new revision.
   *
   * @throws {InvalidPolicyError} If the value or the name is invalid; nothing is written.
   * @throws {BackendError} If the backend cannot be written.
   */
  async put(name: string, value: T, request?: BackendRequest): Promise<string> {
    return await this.#backend.put(this.#prefix, name, this.#checked(name, value), request);
  }

  /**
   * Deletes a document; `false`: there was none.
   *
   * @throws {BackendError} If the backend cannot be written.
   */
  async delete(name: string, request?: BackendRequest): Promise<boolean> {
    return await this.#backend.delete(this.#prefix, name, request);
  }

  /**
   * Writes a document only if it is still at `revision` (`undefined`: only if
   * there is none), and returns the new revision, or `undefined` if somebody
   * else was first.
   *
   * @throws {InvalidPolicyError} If the value or the name is invalid; nothing is written.
   * @throws {BackendError} If the backend cannot be written.
   */
  async compareAndSet(
    name: string,
    value: T,
    revision: string | undefined,
    request?: BackendRequest,
  ): Promise<string | undefined> {
    const text = this.#checked(name, value);
    return await this.#backend.compareAndSet(this.#prefix, name, text, revision, request);
  }

  /**
   * Yields every document as it stands, then each change. While the backend is
   * out of reach it waits, and then tells what has changed meanwhile. Ends when
   * the signal is aborted.
   */
  async *watch(options: ConfigWatchOptions = {}): AsyncGenerator<ConfigEvent<T>, void> {
    const check = new OptionsCheck("watch config centre");
    check.known(options, ["name", "clock", "signal"]);
    const { name, clock = systemClock } = options;
    if (name !== undefined) check.text("name", name);
    check.methods("clock", clock, CLOCK_METHODS);
    const signal = check.signal(options.signal);
    const known = new Map<string, ConfigEntry>();
    const events: ConfigEvent<T>[] = [];
    let wake = (): void => {};
    const feed = new Feed({
      backend: this.#backend,
      prefix: this.#prefix,
      clock,
      random: Math.random,
      attemptMs: 5_000,
      onUpdate: (update) => {
        // One by one: a call takes no more arguments than fit on the stack.
        for (const event of this.#changes(update, known, name)) events.push(event);
        wake();
      },
      onState: () => {},
    });
    const onAbort = (): void => wake();
    signal?.addEventListener("abort", onAbort);
    feed.start();
    try {
      while (!signal?.aborted) {
        // All at once: to shift a long array costs its length each time.
        const news = events.splice(0);
        if (news.length === 0) await new Promise<void>((resolve) => wake = resolve);
        for (const event of news) {
          if (signal?.aborted) return;
          yield event;
        }
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
      await feed.close();
    }
  }

  /** What an update changes in what is known. */
  *#changes(
    update: ConfigUpdate,
    known: Map<string, ConfigEntry>,
    only: string | undefined,
  ): Generator<ConfigEvent<T>> {
    const isWatched = (entry: ConfigEntry): boolean =>
      isDocument(entry) && (only === undefined || entry.name === only);
    const isWhole = update.kind === "snapshot" && update.snapshot.incomplete === undefined;
    const entries = update.kind === "snapshot" ? update.snapshot.entries : update.changed;
    const present = new Set(entries.map(({ source }) => source));
    const removed = update.kind === "changes"
      ? update.removed.map(({ source }) => source)
      : isWhole
      ? [...known.keys()].filter((source) => !present.has(source))
      : [];
    for (const source of removed) {
      const entry = known.get(source);
      if (entry === undefined) continue;
      known.delete(source);
      yield { kind: "delete", name: entry.name, source };
    }
    for (const entry of entries) {
      if (!isWatched(entry) || known.get(entry.source)?.revision === entry.revision) continue;
      known.set(entry.source, entry);
      yield { kind: "put", item: this.#item(entry) };
    }
  }

  #item({ name, source, revision, text }: ConfigEntry): ConfigItem<T> {
    const item = { name, source, revision, text };
    try {
      this.#codec.checkName?.(name);
      return { ...item, value: this.#codec.parse(source, text), error: undefined };
    } catch (error) {
      return { ...item, value: undefined, error };
    }
  }

  #checked(name: string, value: T): string {
    this.#codec.checkName?.(name);
    const text = this.#codec.format(value);
    this.#codec.parse(`of "${name}"`, text);
    return text;
  }
}

/**
 * The policies of a backend under a prefix, to read, write and watch.
 *
 * @example Usage
 * ```ts
 * import { configCentre } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import assert from "node:assert/strict";
 *
 * const centre = configCentre(memoryBackend(), "/config/prod/im-gateway/breakers/");
 * const revision = await centre.put("users", { failureThreshold: 3 });
 * assert.equal((await centre.get("users"))?.value?.failureThreshold, 3);
 * const next = await centre.compareAndSet("users", { failureThreshold: 4 }, revision);
 * assert.equal(await centre.compareAndSet("users", {}, revision), undefined); // somebody was first
 * assert.equal((await centre.get("users"))?.revision, next);
 * ```
 *
 * @param backend Where they stand.
 * @param prefix What their keys begin with, such as a configuration's `policiesPath`.
 * @returns The centre; nothing is read yet.
 * @throws {TypeError} If the backend cannot be written, or the prefix is no text.
 */
export function configCentre(
  backend: WritableConfigBackend,
  prefix: string,
): ConfigCentre<Policy> {
  const check = new OptionsCheck("create config centre");
  check.methods("backend", backend, ["read", "watch", "put", "delete", "compareAndSet"]);
  check.text("prefix", prefix);
  return new ConfigCentre(backend, prefix, POLICY_CODEC);
}

function isDocument({ kind }: ConfigEntry): boolean {
  return kind === "policy";
}
