import { systemClock } from "../clock.ts";
import { BackendError } from "../errors.ts";
import { assertPolicy } from "../policy/parse_policy.ts";
import type { ProviderConfig } from "./config.ts";
import type { ProviderOptions } from "./options.ts";
import { describeError, Provider, startProvider, type StartReport } from "./provider.ts";
import { ProviderLog, QUIET_CONSOLE } from "./provider_log.ts";

/**
 * Creates the provider of a service: loads all policies, then follows their
 * changes.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import assert from "node:assert/strict";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "development"), {
 *   backend: memoryBackend({ payments: { failureThreshold: 3 } }),
 * });
 * assert.equal(provider.getBreaker("payments").policy.failureThreshold, 3);
 * ```
 *
 * @param config Where the policies are and what holds without them; see `getDefaultConfig`.
 * @param options The backend, and what else the provider and its breakers take.
 * @returns The provider, with the policies in force.
 * @throws {BackendError} If the backend cannot be read within `loadTimeout`, there is no last known good state, and `onLoadFailure` is `"reject"`; says what was tried.
 * @throws {InvalidPolicyError} If the config's default policy is invalid.
 * @throws {TypeError} If an option is not of its form.
 * @throws {RangeError} If an option is out of its range.
 * @throws The signal's reason, if it is aborted before the provider has started.
 */
export async function createProvider(
  config: ProviderConfig,
  options: ProviderOptions,
): Promise<Provider> {
  assertOptions(options);
  const { clock = systemClock, loadTimeout = 5_000, signal, logger = QUIET_CONSOLE } = options;
  signal?.throwIfAborted();
  const defaultPolicy = assertPolicy("of the config's default", config.defaultPolicy);
  const log = new ProviderLog(logger, config.serviceName);
  const provider = new Provider({ ...config, defaultPolicy }, { ...options, logger }, log);
  const report = await startProvider(provider, {
    clock,
    timeoutMs: loadTimeout,
    ...(signal && { signal }),
  });
  if (report.loaded) return provider;
  const failure = describeFailure(config, options, loadTimeout, report);
  if (signal?.aborted || (!report.knownGood && options.onLoadFailure !== "use-defaults")) {
    await provider.close();
    signal?.throwIfAborted();
    throw new BackendError(options.backend.description, failure, { cause: report.lastError });
  }
  const start = report.knownGood ? "starting on the last known good state" : "starting on defaults";
  log.write("warn", `${failure}; ${start}, and trying on`);
  return provider;
}

function describeFailure(
  { serviceName, policiesPath }: ProviderConfig,
  { backend }: ProviderOptions,
  loadTimeout: number,
  { attempts, lastError }: StartReport,
): string {
  const tried = lastError === undefined
    ? "no answer"
    : `${attempts} ${attempts === 1 ? "attempt" : "attempts"}, the last: ${
      describeError(lastError)
    }`;
  return `Cannot load policies of service "${serviceName}" from ${backend.description} ` +
    `under "${policiesPath}" within ${loadTimeout} ms (${tried})`;
}

function assertOptions(options: ProviderOptions): void {
  const refuse = (field: string, allowed: string, value: unknown): string =>
    `Cannot create provider: "${field}" must be ${allowed}, received ${String(value)}`;
  const { backend, loadTimeout, onLoadFailure, maxBreakers } = options;
  if (typeof backend?.watch !== "function") {
    throw new TypeError(refuse("backend", "a config backend", backend));
  }
  if (loadTimeout !== undefined && !(loadTimeout > 0)) {
    throw new RangeError(refuse("loadTimeout", "above 0 milliseconds", loadTimeout));
  }
  if (maxBreakers !== undefined && !(Number.isInteger(maxBreakers) && maxBreakers > 0)) {
    throw new RangeError(refuse("maxBreakers", "a positive integer", maxBreakers));
  }
  if (onLoadFailure !== undefined && !["reject", "use-defaults"].includes(onLoadFailure)) {
    throw new TypeError(refuse("onLoadFailure", '"reject" or "use-defaults"', onLoadFailure));
  }
}
