import { join } from "node:path";
import type { CertificateAuthority, IssuedCertificate, KeyPair } from "./certificates.ts";
import { LOOPBACK } from "./local_server.ts";

/** How an etcd is run; what is left out is made for short tests. */
export interface EtcdOptions {
  /** Serves TLS with a certificate for `localhost` and 127.0.0.1. @default plain */
  readonly tls?: {
    readonly authority: CertificateAuthority;
    /** Asks clients for a certificate of the same authority. @default false */
    readonly mutual?: boolean;
  };
  /** Signs tokens that expire after so many seconds and outlive a restart. @default simple tokens */
  readonly tokenTtlSeconds?: number;
  /** How many changes lie between two snapshots. @default etcd's own */
  readonly snapshotCount?: number;
  /** How much it may store. @default etcd's own, 2 GB */
  readonly quotaBytes?: number;
  /** How long a request may be. @default etcd's own, 1.5 MB */
  readonly maxRequestBytes?: number;
  /** @default 20 */
  readonly heartbeatMs?: number;
  /** At least five heartbeats; a member alone needs as long to start again. @default 100 */
  readonly electionMs?: number;
  /** Further flags, each whole: `--max-txn-ops=64`. @default [] */
  readonly flags?: readonly string[];
}

/** How a member stands among others. */
export interface EtcdMember {
  readonly name: string;
  readonly ports: EtcdPorts;
  /** Every member's peer URL by name, as in `--initial-cluster`. */
  readonly initialCluster: string;
  /** Two clusters with the same members and token have the same id. */
  readonly clusterToken: string;
}

/** Where a member listens. */
export interface EtcdPorts {
  readonly client: number;
  readonly peer: number;
  /** Plain HTTP whatever the rest is: health and metrics. */
  readonly metrics: number;
}

/** What a server shows and signs with. */
export interface EtcdSecrets {
  readonly certificate?: IssuedCertificate;
  readonly tokens?: KeyPair;
}

/** A member and its peer URL, as a part of `--initial-cluster`. */
export function peerOf(name: string, ports: EtcdPorts): string {
  return `${name}=http://${LOOPBACK}:${ports.peer}`;
}

/** The command line of one member. */
export function etcdFlags(
  options: EtcdOptions,
  run: { readonly folder: string; readonly member: EtcdMember; readonly secrets: EtcdSecrets },
): string[] {
  const { name, ports, initialCluster, clusterToken } = run.member;
  const client = `${options.tls === undefined ? "http" : "https"}://${LOOPBACK}:${ports.client}`;
  const peer = `http://${LOOPBACK}:${ports.peer}`;
  return [
    `--name=${name}`,
    `--data-dir=${join(run.folder, "data")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--listen-metrics-urls=http://${LOOPBACK}:${ports.metrics}`,
    `--initial-cluster=${initialCluster}`,
    `--initial-cluster-token=${clusterToken}`,
    "--initial-cluster-state=new",
    `--heartbeat-interval=${options.heartbeatMs ?? 20}`,
    `--election-timeout=${options.electionMs ?? 100}`,
    "--auto-compaction-retention=0",
    "--logger=zap",
    "--log-level=error",
    // The least that bcrypt knows: logging in is no load test.
    "--bcrypt-cost=4",
    ...numbered("--snapshot-count", options.snapshotCount),
    ...numbered("--quota-backend-bytes", options.quotaBytes),
    ...numbered("--max-request-bytes", options.maxRequestBytes),
    ...tlsFlags(options, run.secrets),
    ...tokenFlags(options, run.secrets),
    ...(options.flags ?? []),
  ];
}

function numbered(flag: string, value: number | undefined): string[] {
  return value === undefined ? [] : [`${flag}=${value}`];
}

function tlsFlags({ tls }: EtcdOptions, { certificate }: EtcdSecrets): string[] {
  if (tls === undefined || certificate === undefined) return [];
  const flags = [`--cert-file=${certificate.certificatePath}`, `--key-file=${certificate.keyPath}`];
  if (tls.mutual !== true) return flags;
  return [...flags, "--client-cert-auth", `--trusted-ca-file=${tls.authority.certificatePath}`];
}

function tokenFlags({ tokenTtlSeconds }: EtcdOptions, { tokens }: EtcdSecrets): string[] {
  if (tokenTtlSeconds === undefined || tokens === undefined) return [];
  const keys = `pub-key=${tokens.publicKeyPath},priv-key=${tokens.privateKeyPath}`;
  return [`--auth-token=jwt,${keys},sign-method=RS256,ttl=${tokenTtlSeconds}s`];
}
