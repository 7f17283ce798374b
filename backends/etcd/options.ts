import {
  type EtcdOptions,
  type EtcdSettings,
  etcdSettings,
  optionFault,
} from "../../etcd/options.ts";

/** What {@linkcode etcdBackend} takes. Times are in milliseconds. */
export interface EtcdBackendOptions extends EtcdOptions {
  /** What goes before every key. @default "" */
  readonly namespace?: string;
  /** `"grpc"` talks gRPC through the npm package etcd3, `"gateway"` JSON over `fetch` and downloads nothing. @default "grpc" */
  readonly transport?: "grpc" | "gateway";
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
