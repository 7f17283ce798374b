import type { EtcdHost } from "./host.ts";
import { pem } from "./pem.ts";
import type { EtcdTls } from "./tls.ts";

/** What an {@linkcode HttpClient} takes. */
export interface HttpClientOptions {
  /** How TLS is done; `undefined`: with the system's certificates. */
  readonly tls: EtcdTls | undefined;
}

/** Deno's client behind `fetch`, as far as it is used. */
interface NativeClient {
  close(): void;
}

type CreateNativeClient = (options: Readonly<Record<string, unknown>>) => NativeClient;

/**
 * Fetches from one host. On Deno over connections of its own, which end when it is closed;
 * elsewhere over those that the runtime keeps.
 */
export class HttpClient {
  readonly #base: string;
  readonly #native: NativeClient | undefined;

  /**
   * Creates a client.
   *
   * @throws {TypeError} If there are certificates and the runtime's `fetch` takes none.
   */
  constructor(host: EtcdHost, { tls }: HttpClientOptions) {
    const create = nativeClients();
    if (create === undefined && tls !== undefined) {
      throw new TypeError(
        'Cannot use "tls" with transport "gateway": this runtime\'s fetch takes no certificates; ' +
          'use transport "grpc", or let the system trust the certificate authority',
      );
    }
    this.#base = host.url;
    this.#native = create?.({
      // One dead HTTP/2 connection would take every request with it.
      http2: false,
      ...(tls?.ca !== undefined && { caCerts: [pem(tls.ca)] }),
      ...(tls?.cert !== undefined && { cert: pem(tls.cert) }),
      ...(tls?.key !== undefined && { key: pem(tls.key) }),
    });
  }

  /** Fetches `path`. */
  fetch(path: string, init: RequestInit): Promise<Response> {
    const withClient: RequestInit & { client?: NativeClient } = this.#native === undefined
      ? init
      : { ...init, client: this.#native };
    return fetch(this.#base + path, withClient);
  }

  /** Ends the connections. */
  close(): void {
    this.#native?.close();
  }
}

/** How Deno makes clients; `undefined` on other runtimes. */
function nativeClients(): CreateNativeClient | undefined {
  const deno: unknown = Reflect.get(globalThis, "Deno");
  if (typeof deno !== "object" || deno === null || !("createHttpClient" in deno)) return undefined;
  const { createHttpClient: create } = deno;
  if (typeof create !== "function") return undefined;
  return (options) => create(options);
}
