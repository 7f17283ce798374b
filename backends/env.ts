/**
 * Policies in environment variables: one variable per breaker, one with a JSON
 * object of all.
 *
 * @example Usage
 * ```ts ignore
 * // SWITCHGEAR_POLICY_users='{"failureThreshold": 3}'
 * // SWITCHGEAR_POLICY_grpc_3Auser_2Dservice='{"timeout": "2s"}'
 * // SWITCHGEAR_POLICIES='{"default": {"openStateTimeout": "30s"}}'
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { envBackend } from "@switchgear/breaker/env";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
 *   backend: envBackend(),
 * });
 * ```
 *
 * @module
 */
import process from "node:process";
import { OptionsCheck } from "../src/check/check_options.ts";
import { shorten } from "../src/check/describe_value.ts";
import { BackendError } from "../src/errors.ts";
import type {
  BackendRequest,
  ConfigBackend,
  ConfigEntry,
  ConfigSnapshot,
  ConfigUpdate,
} from "../src/provider/backend.ts";
import { contentRevision } from "./content_revision.ts";
import { decodeEnvName } from "./env/env_names.ts";

/** Longest name of a variable that a note shows whole. */
const MAX_VARIABLE_SHOWN = 256;

/** What {@linkcode envBackend} takes. */
export interface EnvBackendOptions {
  /** What the names of the variables begin with. @default "SWITCHGEAR_" */
  readonly prefix?: string | undefined;
  /** The variables. @default the environment of the process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

class EnvBackend implements ConfigBackend {
  readonly description: string;
  readonly watches = false;
  readonly #variables: string;
  readonly #env: EnvBackendOptions["env"];
  #snapshot: ConfigSnapshot | undefined;

  constructor({ prefix = "SWITCHGEAR_", env }: EnvBackendOptions) {
    this.description = prefix === "SWITCHGEAR_" ? "env" : `env(${prefix})`;
    this.#variables = prefix;
    this.#env = env;
  }

  // deno-lint-ignore require-await -- so that what goes wrong rejects
  async read(_prefix: string, request: BackendRequest = {}): Promise<ConfigSnapshot> {
    request.signal?.throwIfAborted();
    return this.#readOnce();
  }

  async *watch(_prefix: string, request: BackendRequest = {}): AsyncGenerator<ConfigUpdate, void> {
    if (request.signal?.aborted) return;
    yield { kind: "snapshot", snapshot: this.#readOnce() };
  }

  #readOnce(): ConfigSnapshot {
    if (this.#snapshot === undefined) {
      try {
        this.#snapshot = snapshotOf(this.#variables, this.#env ?? process.env);
      } catch (cause) {
        throw new BackendError(
          this.description,
          `Cannot read the environment variables ${this.#variables}*: ${messageOf(cause)}`,
          { cause },
        );
      }
    }
    return this.#snapshot;
  }
}

/**
 * Creates a backend that reads environment variables, once, when it is first
 * asked: `SWITCHGEAR_POLICY_` and the encoded name of a breaker hold that
 * breaker's policy, `SWITCHGEAR_POLICIES` holds one JSON object of name to
 * policy. In a name, ASCII letters and digits stand for themselves, `_` is
 * doubled, and every other byte of its UTF-8 is `_` and two upper-case hex digits.
 *
 * The prefix in the provider's configuration plays no part. Windows does not
 * tell variables apart by case, so there neither can breakers be. On Deno this
 * needs `--allow-env`. The backend throws a `BackendError` where the
 * environment must not be read.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { envBackend } from "@switchgear/breaker/env";
 * import assert from "node:assert/strict";
 *
 * const env = { SWITCHGEAR_POLICY_users: '{"failureThreshold": 3}' };
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
 *   backend: envBackend({ env }),
 * });
 * assert.equal(provider.getBreaker("users").policy.failureThreshold, 3);
 * ```
 *
 * @param options Which variables are read. @default {}
 * @returns The backend; nothing is read yet.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 */
export function envBackend(options: EnvBackendOptions = {}): ConfigBackend {
  const check = new OptionsCheck("create env backend");
  check.known(options, ["prefix", "env"]);
  if (options.prefix !== undefined) check.text("prefix", options.prefix);
  if (options.env !== undefined) check.object("env", options.env);
  return new EnvBackend(options);
}

function snapshotOf(
  prefix: string,
  env: Readonly<Record<string, string | undefined>>,
): ConfigSnapshot {
  const entries: ConfigEntry[] = [];
  const notes: string[] = [];
  for (const [variable, text] of Object.entries(env).sort(([a], [b]) => a < b ? -1 : 1)) {
    if (text === undefined) continue;
    if (variable === `${prefix}POLICIES`) {
      entries.push(entryOf("collection", "breakers", variable, text));
    } else if (variable.startsWith(`${prefix}POLICY_`)) {
      const name = decodeEnvName(variable.slice(`${prefix}POLICY_`.length));
      if (name !== undefined) entries.push(entryOf("policy", name, variable, text));
      else {
        const shown = shorten(variable, MAX_VARIABLE_SHOWN);
        notes.push(`Variable ${shown} is ignored: its name does not encode a breaker's name`);
      }
    }
  }
  const revision = contentRevision(
    JSON.stringify(entries.map((entry) => [entry.source, entry.revision])),
  );
  return { entries, revision, notes };
}

function entryOf(
  kind: ConfigEntry["kind"],
  name: string,
  source: string,
  text: string,
): ConfigEntry {
  return { kind, name, source, text, revision: contentRevision(text) };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
