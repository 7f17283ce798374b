import type { OptionsCheck } from "../../src/check/check_options.ts";
import { type IpAddress, ipKey, IpRange, parseIp } from "./ip_address.ts";
import type { ConnectionInfo } from "./middleware.ts";

/** Whose request it is, and what is believed of that. */
export interface ClientKeyOptions {
  /**
   * Gives the key of a request, instead of all below; `undefined`: they decide. Where it throws it is reported, and they decide, too.
   *
   * @default none
   */
  key?: ((request: Request, info: ConnectionInfo) => string | undefined) | undefined;
  /**
   * Who is believed: the proxies in front of the server, as addresses or ranges (`10.0.0.0/8`), whose `userHeader` and
   * `X-Forwarded-For` are obeyed; `"any"`: whoever connects, for a server that only its proxy can reach.
   *
   * @default []
   */
  trustedProxies?: readonly string[] | "any" | undefined;
  /** The header in which a trusted proxy names the user. It must overwrite what the client sent there. @default "X-User-ID" */
  userHeader?: string | undefined;
  /** Leading bits of an IPv6 address that make up the key: whoever has one usually has all with the same 64, 1 to 128. @default 64 */
  ipv6Prefix?: number | undefined;
}

/** The names of the options. */
export const CLIENT_KEY_FIELDS: readonly (keyof ClientKeyOptions)[] = [
  "key",
  "trustedProxies",
  "userHeader",
  "ipv6Prefix",
];

/** Longer keys are cut: what clients can choose must not fill the memory. */
const MAX_KEY = 256;
/** Proxies passed through at most, in search of the client. */
const MAX_HOPS = 32;

/** Tells whose request it is, believing only what it was told to believe. */
export class ClientKey {
  readonly #key: ClientKeyOptions["key"];
  readonly #trusted: readonly IpRange[] | "any";
  readonly #userHeader: string;
  readonly #ipv6Prefix: number;
  readonly #report: (message: string, error: unknown) => void;

  /** Checks the options. */
  constructor(
    options: ClientKeyOptions,
    { check, report }: {
      readonly check: OptionsCheck;
      readonly report: (message: string, error: unknown) => void;
    },
  ) {
    const { key, trustedProxies = [], userHeader = "X-User-ID", ipv6Prefix = 64 } = options;
    if (key !== undefined) check.callable("key", key);
    this.#key = key;
    this.#trusted = trustedProxies === "any" ? "any" : rangesOf(trustedProxies);
    this.#userHeader = checkHeader(check.text("userHeader", userHeader));
    this.#ipv6Prefix = check.integer("ipv6Prefix", ipv6Prefix, { min: 1, max: 128 });
    this.#report = report;
  }

  /** The key of a request. Users, addresses and keys of the caller's own cannot be taken for one another. */
  of(request: Request, info: ConnectionInfo): string {
    const own = this.#own(request, info);
    if (own !== undefined) return bounded(`key ${own}`);
    const peer = parseIp(info.remoteAddr?.hostname ?? "");
    if (!this.#trusts(peer)) return this.#addressKey(peer);
    const user = request.headers.get(this.#userHeader);
    if (user !== null && user !== "") return bounded(`user ${user}`);
    return this.#addressKey(this.#client(request, peer));
  }

  #own(request: Request, info: ConnectionInfo): string | undefined {
    if (this.#key === undefined) return undefined;
    try {
      const key: unknown = this.#key(request, info);
      if (typeof key === "string" || key === undefined) return key;
      if (key instanceof Promise) key.catch(() => {});
      throw new TypeError("key must give a text or undefined");
    } catch (error) {
      this.#report("key failed, going by user and address", error);
      return undefined;
    }
  }

  /** The last address in `X-Forwarded-For` that is not of a trusted proxy: those before it anybody may have written. */
  #client(request: Request, peer: IpAddress | undefined): IpAddress | undefined {
    const hops = (request.headers.get("x-forwarded-for") ?? "").split(",").slice(-MAX_HOPS);
    let client = peer;
    for (const hop of hops.reverse()) {
      const address = parseIp(hop.trim());
      if (address === undefined) return client;
      client = address;
      // "any" is said of who connects, not of what it passes on.
      if (this.#trusted === "any" || !this.#trusts(client)) return client;
    }
    return client;
  }

  #trusts(address: IpAddress | undefined): boolean {
    if (this.#trusted === "any") return true;
    return address !== undefined && this.#trusted.some((range) => range.has(address));
  }

  #addressKey(address: IpAddress | undefined): string {
    return address === undefined ? "unknown" : `address ${ipKey(address, this.#ipv6Prefix)}`;
  }
}

/** The key, or the beginning of a long one, in memory of its own: a slice would keep all of it. */
function bounded(key: string): string {
  return key.length <= MAX_KEY ? key : Array.from(key.slice(0, MAX_KEY)).join("");
}

function rangesOf(trustedProxies: readonly string[]): IpRange[] {
  if (!Array.isArray(trustedProxies)) throw wrongProxies(trustedProxies);
  return trustedProxies.map((text) => {
    const range = typeof text === "string" ? IpRange.parse(text) : undefined;
    if (range === undefined) throw wrongProxies(text);
    return range;
  });
}

function wrongProxies(found: unknown): TypeError {
  return new TypeError(
    `Cannot limit rate: "trustedProxies" must be "any" or addresses and ranges, such as ` +
      `["10.0.0.0/8"], received ${String(found)}`,
  );
}

function checkHeader(name: string): string {
  new Headers([[name, ""]]); // throws where it is no name
  return name;
}
