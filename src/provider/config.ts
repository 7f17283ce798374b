import { DEVELOPMENT_POLICY, PRODUCTION_POLICY } from "../policy/defaults.ts";
import type { Policy } from "../policy/policy.ts";

/** Where a service runs. */
export type Environment = "production" | "development";

/** Where a service's policies live, and what holds where none is written. */
export interface ProviderConfig {
  /** The service that the breakers belong to; stands on every log line. */
  readonly serviceName: string;
  /** Prefix of the policies in a key-value backend; a file backend's folder is its own root. */
  readonly policiesPath: string;
  /** What `default.json` inherits from, and what holds without one. */
  readonly defaultPolicy: Policy;
}

const ENVIRONMENTS: Record<Environment, { readonly folder: string; readonly policy: Policy }> = {
  production: { folder: "prod", policy: PRODUCTION_POLICY },
  development: { folder: "dev", policy: DEVELOPMENT_POLICY },
};

/**
 * The usual config of a service: policies under
 * `/config/prod/<service>/breakers/` or `/config/dev/<service>/breakers/`, and
 * the environment's default policy.
 *
 * @example Usage
 * ```ts
 * import { getDefaultConfig } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const config = getDefaultConfig("im-gateway", "development");
 * assert.equal(config.policiesPath, "/config/dev/im-gateway/breakers/");
 * ```
 *
 * @param serviceName Name of the service: not empty, without `/` and control characters.
 * @param env Where it runs.
 * @returns The config.
 * @throws {TypeError} If an argument is not of its form.
 */
export function getDefaultConfig(serviceName: string, env: Environment): ProviderConfig {
  const known = Object.hasOwn(ENVIRONMENTS, env);
  if (!known) {
    throw new TypeError(
      `Cannot get default config: "env" must be "production" or "development", received ${
        JSON.stringify(env)
      }`,
    );
  }
  // deno-lint-ignore no-control-regex -- control characters are what is refused
  if (typeof serviceName !== "string" || !/^[^/\u0000-\u001f\u007f]+$/.test(serviceName)) {
    throw new TypeError(
      `Cannot get default config: "serviceName" must be text without "/" and control characters, received ${
        JSON.stringify(serviceName)
      }`,
    );
  }
  const { folder, policy } = ENVIRONMENTS[env];
  return {
    serviceName,
    policiesPath: `/config/${folder}/${serviceName}/breakers/`,
    defaultPolicy: policy,
  };
}
