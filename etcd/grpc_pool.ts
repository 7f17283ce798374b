import type { EtcdClient } from "./client.ts";

/** The metadata of a call, as grpc-js has it. */
export interface GrpcMetadata {
  /** A copy. */
  clone(): GrpcMetadata;
  /** Sets a header. */
  set(name: string, value: string): void;
}

/** One host of an etcd3 client. */
export interface GrpcHost {
  /** The raw client of a service; always the same one, over the host's one connection. */
  getServiceClient(service: string): object;
}

/** A host and the metadata that its calls need, a token among it where the client has a user. */
export interface PickedHost {
  readonly host: GrpcHost;
  readonly metadata: GrpcMetadata;
}

interface Pool {
  withConnection(
    service: string,
    use: (picked: { readonly resource: GrpcHost; readonly metadata: GrpcMetadata }) => PickedHost,
  ): Promise<PickedHost>;
}

/**
 * Picks a host of an etcd3 client. Calls are then made on the host's raw clients, past etcd3's
 * retries and breakers, which report won writes as lost and keep a watch from coming back.
 *
 * @throws {TypeError} If it is no client of etcd3 1.1.2.
 */
export function pickHost(client: EtcdClient): Promise<PickedHost> {
  const pool: unknown = Reflect.get(client, "pool");
  if (!isPool(pool)) {
    throw new TypeError('Cannot use "client": it is no Etcd3 client of etcd3@1.1.2');
  }
  return pool.withConnection("Watch", ({ resource, metadata }) => ({ host: resource, metadata }));
}

function isPool(value: unknown): value is Pool {
  return typeof value === "object" && value !== null && "withConnection" in value &&
    typeof value.withConnection === "function";
}
