import {
  type EtcdOptions,
  type EtcdSettings,
  etcdSettings,
  optionFault,
} from "../../etcd/options.ts";
import { OptionsCheck } from "../../src/check/check_options.ts";

const OPTION_NAMES: readonly string[] = Object.keys(
  {
    hosts: true,
    tls: true,
    username: true,
    password: true,
    transport: true,
    client: true,
    requestTimeoutMs: true,
    heartbeatMs: true,
    silenceMs: true,
    relistMs: true,
    pageSize: true,
    namespace: true,
  } satisfies Record<keyof EtcdBackendOptions, true>,
);

/** What {@linkcode etcdBackend} takes. Times are in milliseconds. */
export interface EtcdBackendOptions extends EtcdOptions {
  /** What goes before every key. @default "" */
  readonly namespace?: string | undefined;
  /** `"grpc"` talks gRPC through the npm package etcd3, `"gateway"` JSON over `fetch` and downloads nothing. @default "grpc" */
  readonly transport?: "grpc" | "gateway" | undefined;
}

/** The options, checked and complete. */
export interface EtcdBackendSettings extends EtcdSettings {
  readonly description: string;
  readonly namespace: string;
}

/**
 * Checks the options.
 *
 * @throws {TypeError} If an option is not what it must be; the message names it and shows no secret.
 */
export function etcdBackendSettings(options: EtcdBackendOptions): EtcdBackendSettings {
  checkNames(options);
  const { namespace = "", transport = "grpc" } = options;
  try {
    if (typeof namespace !== "string") {
      throw optionFault("namespace", "must be a string", namespace);
    }
    const settings = etcdSettings({ ...options, transport });
    const shown = settings.hosts.map(({ url }) => url);
    return {
      ...settings,
      description: `etcd(${[...shown, ...(namespace ? [namespace] : []), transport].join(", ")})`,
      namespace,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TypeError(`Cannot create etcd backend: ${why}`);
  }
}

/** What is no object is not shown: an address may hold a password. */
function checkNames(options: unknown): void {
  if (typeof options === "string" || Array.isArray(options)) {
    throw new TypeError(
      "Cannot create etcd backend: options must be an object; " +
        'the address goes into "hosts": { hosts: "127.0.0.1:2379" }',
    );
  }
  new OptionsCheck("create etcd backend").known(options, OPTION_NAMES);
}
