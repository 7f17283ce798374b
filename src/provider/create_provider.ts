import { systemClock } from "../clock.ts";
import { BackendError, describeError } from "../errors.ts";
import { parseDuration } from "../policy/duration.ts";
import { assertPolicy } from "../policy/parse_policy.ts";
import type { Duration } from "../policy/policy.ts";
import type { ProviderConfig } from "./config.ts";
import type { ProviderOptions } from "./options.ts";
import { Provider, startProvider, type StartReport } from "./provider.ts";
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
  const { clock = systemClock, signal, logger = QUIET_CONSOLE } = options;
  const loadTimeout = loadTimeoutMs(options.loadTimeout);
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
    const cause = report.lastError ?? report.storeError;
    throw new BackendError(options.backend.description, failure, { cause });
  }
  const start = report.knownGood ? "starting on the last known good state" : "starting on defaults";
  log.write("warn", `${failure}; ${start}, and trying on`);
  return provider;
}

function describeFailure(
  { serviceName, policiesPath }: ProviderConfig,
  { backend }: ProviderOptions,
  loadTimeout: number,
  { attempts, lastError, storeError }: StartReport,
): string {
  const times = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  const tried = lastError === undefined
    ? `${times}, no answer`
    : `${times}, the last: ${describeError(lastError)}`;
  const store = storeError === undefined
    ? ""
    : `; the last known good state: ${describeError(storeError)}`;
  return `Cannot load policies of service "${serviceName}" from ${backend.description} ` +
    `under "${policiesPath}" within ${loadTimeout} ms (${tried}${store})`;
}

function loadTimeoutMs(loadTimeout: Duration = 5_000): number {
  const ms = parseDuration(loadTimeout);
  if (ms > 0) return ms;
  throw new RangeError(
    `Cannot create provider: "loadTimeout" must be a duration above 0, received ${loadTimeout}`,
  );
}

function assertOptions(options: ProviderOptions): void {
  const refuse = (field: string, allowed: string, value: unknown): string =>
    `Cannot create provider: "${field}" must be ${allowed}, received ${String(value)}`;
  const { backend, onLoadFailure, maxBreakers, clock } = options;
  if (typeof backend?.watch !== "function") {
    throw new TypeError(refuse("backend", "a config backend", backend));
  }
  if (clock !== undefined && typeof clock.now !== "function") {
    throw new TypeError(refuse("clock", "a clock", clock));
  }
  if (maxBreakers !== undefined && !(Number.isInteger(maxBreakers) && maxBreakers > 0)) {
    throw new RangeError(refuse("maxBreakers", "a positive integer", maxBreakers));
  }
  if (onLoadFailure !== undefined && !["reject", "use-defaults"].includes(onLoadFailure)) {
    throw new TypeError(refuse("onLoadFailure", '"reject" or "use-defaults"', onLoadFailure));
  }
}
