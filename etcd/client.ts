/**
 * An `Etcd3` client of the npm package etcd3, as far as it is used: what it calls over its
 * connections goes through `pool`, which its types keep to themselves.
 */
export interface EtcdClient {
  /** Frees what it holds. */
  close(): void;
  /** The low-level client of the watch; tells an `Etcd3` from other things. */
  readonly watchClient: object;
}
