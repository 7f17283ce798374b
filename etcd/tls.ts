/** How TLS is done. Certificates and keys are PEM, as text or as bytes. */
export interface EtcdTls {
  /** The authority that signed the servers' certificates. @default those of the system */
  readonly ca?: string | Uint8Array | undefined;
  /** Our own certificate, where the servers ask for one; together with `key`. */
  readonly cert?: string | Uint8Array | undefined;
  /** The private key of `cert`. */
  readonly key?: string | Uint8Array | undefined;
  /** The name that the servers' certificates are for, where it is not the one in `hosts`; gRPC only. @default that of the host */
  readonly serverName?: string | undefined;
}
