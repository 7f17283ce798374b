import type { Policy } from "../../src/policy/policy.ts";
import type { WritableConfigBackend } from "../../src/provider/backend.ts";
import type { Environment } from "../../src/provider/config.ts";
import type { Invocation } from "../command.ts";
import type { CliIo } from "../io.ts";

/** Where a command finds the policies. */
export interface PolicyStore {
  /** The backend. */
  readonly backend: WritableConfigBackend;
  /** What the policies stand under in it. */
  readonly prefix: string;
  /** What holds beneath all policies. */
  readonly environment: { readonly name: Environment; readonly policy: Policy };
  /** The folder, where the backend is one. */
  readonly folder?: string;
  /** What no output may show. */
  readonly secrets: readonly string[];
}

/**
 * Opens what a command line names; nothing is connected yet.
 *
 * @throws {UsageError} If the command line, the environment or a file that they name is wrong.
 */
export type OpenStore = (invocation: Invocation, io: CliIo) => Promise<PolicyStore>;
