import { Buffer } from "node:buffer";
import { rootCertificates } from "node:tls";
import { systemClock } from "../src/time/clock.ts";
import { pause } from "../src/time/waiting.ts";
import type { EtcdClient } from "./client.ts";
import { withDeadline } from "./deadline.ts";
import { callUnary, openWatchStream } from "./grpc_calls.ts";
import { type GrpcMetadata, type PickedHost, pickHost } from "./grpc_pool.ts";
import type { EtcdHost } from "./host.ts";
import { loadEtcd3 } from "./load_etcd3.ts";
import { pem } from "./pem.ts";
import type { EtcdTls } from "./tls.ts";
import type {
  CallOptions,
  ConnectOptions,
  EtcdConnection,
  EtcdMethod,
  EtcdTransport,
  Message,
  WatchListener,
  WatchStream,
} from "./transport.ts";

/** What grpc-js keeps between two attempts to connect. */
const BACKOFF_MS = 5;
/** How long grpc-js waits for one address before it tries the next too, and a little more. */
const NEXT_ADDRESS_MS = 260;
/** The states of a channel are idle, connecting, ready and failed, in this order from 0. */
const READY = 2;

/** What the gRPC transport takes. */
export interface GrpcOptions {
  /** How TLS is done; `undefined`: with the system's certificates. */
  readonly tls: EtcdTls | undefined;
  /** A client to use in place of own ones. */
  readonly client: EtcdClient | undefined;
}

/**
 * Talks gRPC through etcd3. Each connection is a client of its own to one host, closed with it; the
 * retries, the breakers, the Watcher and the Authenticator of etcd3 are not used.
 */
export class GrpcTransport implements EtcdTransport {
  readonly #options: GrpcOptions;

  /** Creates the transport. */
  constructor(options: GrpcOptions) {
    this.#options = options;
  }

  /** Makes a client, which connects with the first call, or takes the one that was passed in. */
  async connect(host: EtcdHost, { token }: ConnectOptions): Promise<EtcdConnection> {
    const { client, tls } = this.#options;
    const own = client === undefined;
    const picked = await pickHost(client ?? await createClient(host, tls));
    const metadata = picked.metadata.clone();
    if (token !== undefined) metadata.set("token", token);
    return new GrpcConnection({ ...picked, metadata }, own);
  }
}

class GrpcConnection implements EtcdConnection {
  readonly #picked: PickedHost;
  readonly #own: boolean;
  readonly #services = new Set<object>();
  readonly #openedMs = systemClock.now();

  constructor(picked: PickedHost, own: boolean) {
    this.#picked = picked;
    this.#own = own;
  }

  encodeBytes(bytes: Uint8Array): Uint8Array {
    return bytes;
  }

  decodeBytes(value: unknown): Uint8Array {
    return value instanceof Uint8Array ? value : new Uint8Array();
  }

  call(method: EtcdMethod, request: Message, options: CallOptions): Promise<Message> {
    const [service = "", name = ""] = method.split("/");
    return withDeadline(options, (signal) =>
      callUnary(this.#service(service), name, request, {
        metadata: this.#picked.metadata,
        signal,
        timeoutMs: options.timeoutMs,
      }));
  }

  watch(create: Message, listener: WatchListener): WatchStream {
    const metadata: GrpcMetadata = this.#picked.metadata.clone();
    metadata.set("hasleader", "true");
    return openWatchStream(this.#service("Watch"), create, metadata, listener);
  }

  async close(): Promise<void> {
    if (!this.#own) return;
    // etcd3's own close() leaves a timer of a second behind where a connection is being made.
    const clients = [...this.#services];
    const states = clients.map(stateOf);
    for (const client of clients) Reflect.apply(Reflect.get(client, "close"), client, []);
    // So does grpc-js: of the time between two attempts, and of that until it tries another address.
    if (states.every((state) => state === READY)) return;
    const ageMs = systemClock.now() - this.#openedMs;
    const restMs = states.every((state) => state >= READY) ? 0 : NEXT_ADDRESS_MS - ageMs;
    await pause(Math.max(2 * BACKOFF_MS, restMs), { clock: systemClock });
  }

  #service(name: string): object {
    const service = this.#picked.host.getServiceClient(name);
    this.#services.add(service);
    return service;
  }
}

/** How far a raw client of grpc-js has come with its connection. */
function stateOf(client: object): number {
  const channel: unknown = Reflect.apply(Reflect.get(client, "getChannel"), client, []);
  if (typeof channel !== "object" || channel === null) return 0;
  const state: unknown = Reflect.apply(Reflect.get(channel, "getConnectivityState"), channel, [
    false,
  ]);
  return typeof state === "number" ? state : 0;
}

/** Creates a client; the package is loaded with the first, so that nobody else downloads it. */
async function createClient(host: EtcdHost, tls: EtcdTls | undefined): Promise<EtcdClient> {
  const { Etcd3 } = await loadEtcd3();
  const serverName = tls?.serverName;
  return new Etcd3({
    hosts: host.url,
    ...(tls !== undefined && { credentials: credentialsOf(tls) }),
    grpcOptions: {
      // grpc-js shares connections between clients that look alike, dead ones included.
      "grpc.primary_user_agent": `switchgear/${crypto.randomUUID()}`,
      // One attempt is all: what fails is closed, and the feed tries again.
      "grpc.initial_reconnect_backoff_ms": BACKOFF_MS,
      "grpc.max_reconnect_backoff_ms": BACKOFF_MS,
      "grpc.enable_retries": 0,
      "grpc.enable_channelz": 0,
      "grpc.service_config_disable_resolution": 1,
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
      ...(serverName !== undefined && {
        "grpc.ssl_target_name_override": serverName,
        "grpc.default_authority": serverName,
      }),
    },
  });
}

function credentialsOf({ ca, cert, key }: EtcdTls): {
  rootCertificate: Buffer;
  privateKey?: Buffer;
  certChain?: Buffer;
} {
  return {
    rootCertificate: Buffer.from(ca === undefined ? rootCertificates.join("\n") : pem(ca)),
    ...(key !== undefined && { privateKey: Buffer.from(pem(key)) }),
    ...(cert !== undefined && { certChain: Buffer.from(pem(cert)) }),
  };
}
