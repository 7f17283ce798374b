import { checkSettings, SETTING_NAMES } from "../breaker/host/check_settings.ts";
import type { BreakerSettings } from "../breaker/host/settings.ts";
import { OptionsCheck } from "../check/check_options.ts";
import { BackendError, describeError } from "../errors.ts";
import { assertPolicy } from "../policy/parse_policy.ts";
import { systemClock } from "../time/clock.ts";
import type { ProviderConfig } from "./config.ts";
import { hideSecrets } from "../check/hide_secrets.ts";
import type { LastKnownGoodStore } from "./last_known_good.ts";
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
 * @throws {TypeError} If an option is not known or not of its form.
 * @throws {RangeError} If an option is out of its range.
 * @throws The signal's reason, if it is aborted before the provider has started.
 */
export async function createProvider(
  config: ProviderConfig,
  options: ProviderOptions,
): Promise<Provider> {
  const { loadTimeoutMs: loadTimeout, signal } = checkOptions(config, options);
  const { clock = systemClock, logger = QUIET_CONSOLE } = options;
  signal?.throwIfAborted();
  const defaultPolicy = assertPolicy("of the config's default", config.defaultPolicy);
  const log = new ProviderLog(logger, config.serviceName);
  const provider = new Provider({ ...config, defaultPolicy }, { ...options, logger: log }, log);
  const report = await startProvider(provider, {
    clock,
    timeoutMs: loadTimeout,
    ...(signal && { signal }),
  });
  if (report.loaded) return provider;
  const failure = hideSecrets(describeFailure(config, options, loadTimeout, report));
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

const STORE_METHODS: readonly (keyof LastKnownGoodStore)[] = ["load", "save"];
const OPTION_NAMES: readonly string[] = [
  ...SETTING_NAMES,
  ...Object.keys(
    {
      backend: true,
      signal: true,
      loadTimeout: true,
      onLoadFailure: true,
      lastKnownGood: true,
      maxBreakers: true,
    } satisfies Record<Exclude<keyof ProviderOptions, keyof BreakerSettings>, true>,
  ),
];

const CONFIG_NAMES: readonly string[] = Object.keys(
  { serviceName: true, policiesPath: true, defaultPolicy: true } satisfies Record<
    keyof ProviderConfig,
    true
  >,
);

interface CheckedOptions {
  readonly loadTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Checks the config, but for its policy, and the options. */
function checkOptions(config: ProviderConfig, options: ProviderOptions): CheckedOptions {
  const check = new OptionsCheck("create provider");
  check.known(config, CONFIG_NAMES);
  check.text("serviceName", config.serviceName);
  check.text("policiesPath", config.policiesPath);
  check.known(options, OPTION_NAMES);
  checkSettings(check, options);
  const { backend, loadTimeout = "5s", onLoadFailure, maxBreakers, lastKnownGood } = options;
  check.object("backend", backend);
  check.callable("backend.watch", backend.watch);
  if (onLoadFailure !== undefined) {
    check.oneOf("onLoadFailure", onLoadFailure, ["reject", "use-defaults"]);
  }
  if (maxBreakers !== undefined) check.integer("maxBreakers", maxBreakers, { min: 1 });
  if (lastKnownGood !== undefined) check.methods("lastKnownGood", lastKnownGood, STORE_METHODS);
  return {
    loadTimeoutMs: check.duration("loadTimeout", loadTimeout, { above: 0 }),
    signal: check.signal(options.signal),
  };
}
