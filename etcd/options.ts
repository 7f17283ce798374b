import { describeValue } from "../src/check/describe_value.ts";
import { nearestName } from "../src/check/nearest_name.ts";
import type { EtcdClient } from "./client.ts";
import { GatewayTransport } from "./gateway_transport.ts";
import { GrpcTransport } from "./grpc_transport.ts";
import { type EtcdHost, parseHost } from "./host.ts";
import type { EtcdTls } from "./tls.ts";
import type { EtcdTransport } from "./transport.ts";

/** How etcd is reached. Times are in milliseconds. */
export interface EtcdOptions {
  /** The members, tried in turn: `etcd-1:2379`, `http://…`, `https://…`. @default ["127.0.0.1:2379"] */
  readonly hosts?: string | readonly string[] | undefined;
  /** How TLS is done; hosts without a scheme then use it. @default none, or for https:// the system's certificates */
  readonly tls?: EtcdTls | undefined;
  /** The user that etcd knows us as; together with `password`. @default none */
  readonly username?: string | undefined;
  /** The user's password. */
  readonly password?: string | undefined;
  /** `"grpc"` talks gRPC through the npm package etcd3, `"gateway"` JSON over `fetch` and downloads nothing. @default depends on what takes these options */
  readonly transport?: "grpc" | "gateway" | undefined;
  /** An `Etcd3` client that is used in place of own ones, and never closed; then no hosts, TLS or user here. @default none */
  readonly client?: EtcdClient | undefined;
  /** How long any one call may take. @default 3000 */
  readonly requestTimeoutMs?: number | undefined;
  /** From one look at a silent watch to the next. @default 3000 */
  readonly heartbeatMs?: number | undefined;
  /** A watch that has been silent for so long in spite of being asked is given up. @default 6000 */
  readonly silenceMs?: number | undefined;
  /** How often everything is listed again, spread by a fifth. @default 300000 */
  readonly relistMs?: number | undefined;
  /** How many keys are listed at a time. @default 500 */
  readonly pageSize?: number | undefined;
}

/** The options, checked and complete. */
export interface EtcdSettings {
  readonly hosts: readonly EtcdHost[];
  readonly transport: EtcdTransport;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly requestTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly silenceMs: number;
  readonly relistMs: number;
  readonly pageSize: number;
}

const TLS_FIELDS: readonly string[] = Object.keys(
  { ca: true, cert: true, key: true, serverName: true } satisfies Record<keyof EtcdTls, true>,
);
const LONGEST_MS = 2 ** 31 - 1;
const LARGEST_PAGE = 100_000;

/**
 * Checks the options.
 *
 * @throws {TypeError} If an option is not what it must be; the message begins with its name and shows no secret.
 */
export function etcdSettings(
  options: EtcdOptions & Required<Pick<EtcdOptions, "transport">>,
): EtcdSettings {
  const { client, tls, transport: kind } = options;
  if (kind !== "grpc" && kind !== "gateway") {
    throw optionFault("transport", 'must be "grpc" or "gateway"', kind);
  }
  checkTls(tls, kind);
  checkUser(options);
  if (client !== undefined) checkClient(options);
  return {
    hosts: client === undefined ? hostsOf(options) : [CLIENTS_OWN_HOST],
    transport: kind === "grpc" ? new GrpcTransport({ tls, client }) : new GatewayTransport({ tls }),
    username: options.username,
    password: options.password,
    requestTimeoutMs: count(options, "requestTimeoutMs", 3_000, LONGEST_MS),
    heartbeatMs: count(options, "heartbeatMs", 3_000, LONGEST_MS),
    silenceMs: count(options, "silenceMs", 6_000, LONGEST_MS),
    relistMs: count(options, "relistMs", 300_000, LONGEST_MS),
    pageSize: count(options, "pageSize", 500, LARGEST_PAGE),
  };
}

/** Stands for whichever host a client that was passed in talks to. */
const CLIENTS_OWN_HOST: EtcdHost = { secure: false, hostname: "", port: 0, url: "client" };

function hostsOf({ hosts = "127.0.0.1:2379", tls }: EtcdOptions): EtcdHost[] {
  const texts = typeof hosts === "string" ? hosts.split(",") : hosts;
  if (!Array.isArray(texts) || texts.length === 0) {
    throw optionFault("hosts", "must name at least one host", hosts);
  }
  const parsed = texts.map((text: unknown, index): EtcdHost => {
    const field = typeof hosts === "string" ? "hosts" : `hosts[${index}]`;
    if (typeof text !== "string") throw optionFault(field, "must be a string", text);
    try {
      return parseHost(text.trim(), tls !== undefined);
    } catch (error) {
      throw optionFault(field, error instanceof Error ? error.message : String(error));
    }
  });
  if (tls !== undefined && parsed.some(({ secure }) => !secure)) {
    throw optionFault("hosts", 'must not be http:// where "tls" is given');
  }
  if (new Set(parsed.map(({ secure }) => secure)).size > 1) {
    throw optionFault("hosts", "must be all https:// or all http://");
  }
  return parsed;
}

function checkTls(tls: EtcdTls | undefined, transport: string): void {
  if (tls === undefined) return;
  if (typeof tls !== "object" || tls === null) throw optionFault("tls", "must be an object", tls);
  const unknown = Object.keys(tls).find((field) => !TLS_FIELDS.includes(field));
  if (unknown !== undefined) {
    const near = nearestName(unknown, TLS_FIELDS) ?? TLS_FIELDS.join(", ");
    throw optionFault(`tls.${unknown}`, `is unknown; did you mean ${near}?`);
  }
  for (const field of ["ca", "cert", "key"] as const) {
    const value: unknown = tls[field];
    if (value === undefined || value instanceof Uint8Array) continue;
    if (typeof value !== "string" || !value.includes("-----BEGIN ")) {
      throw optionFault(`tls.${field}`, "must be PEM, as a string or bytes, and not a file's name");
    }
  }
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw optionFault("tls", 'must have both "cert" and "key", or neither');
  }
  const { serverName } = tls;
  if (
    serverName !== undefined && (typeof serverName !== "string" || !/^[^\s/:@]+$/.test(serverName))
  ) {
    throw optionFault("tls.serverName", "must be a host name", serverName);
  }
  if (serverName !== undefined && transport === "gateway") {
    throw optionFault(
      "tls.serverName",
      'cannot be used with transport "gateway": put that name into "hosts"',
    );
  }
}

function checkUser({ username, password }: EtcdOptions): void {
  if (username === undefined && password === undefined) return;
  if (typeof username !== "string" || username === "") {
    throw optionFault("username", 'must be a string that is not empty where "password" is given');
  }
  if (typeof password !== "string") {
    throw optionFault("password", 'must be a string where "username" is given');
  }
}

function checkClient({ hosts, tls, username, transport }: EtcdOptions): void {
  if (transport === "gateway") {
    throw optionFault("client", 'cannot be used with transport "gateway"');
  }
  for (const [field, value] of Object.entries({ hosts, tls, username })) {
    if (value !== undefined) {
      throw optionFault("client", `brings its own "${field}"; give one or the other`);
    }
  }
}

function count(
  options: EtcdOptions,
  field: "requestTimeoutMs" | "heartbeatMs" | "silenceMs" | "relistMs" | "pageSize",
  otherwise: number,
  most: number,
): number {
  const value: unknown = options[field] ?? otherwise;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > most) {
    throw optionFault(field, `must be an integer of 1 to ${most}`, value);
  }
  return value;
}

/** The error of an option that is not what it must be; the message begins with its name. */
export function optionFault(field: string, what: string, found?: unknown): TypeError {
  const received = found === undefined ? "" : `, received ${describeValue(found)}`;
  return new TypeError(`"${field}" ${what}${received}`);
}
