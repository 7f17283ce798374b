/** An address as four or sixteen bytes. An IPv4 address mapped into IPv6 is the IPv4 address that it is. */
export type IpAddress = readonly number[];

const MAPPED: IpAddress = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/**
 * Reads an address as servers and proxies write it: IPv4, or IPv6 in any of its forms (RFC 4291, section 2.2),
 * also in brackets, with a zone or with a port.
 *
 * @returns The address; `undefined`: it is none.
 */
export function parseIp(text: string): IpAddress | undefined {
  if (text.length > 100) return undefined;
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1];
  if (bracketed !== undefined) return parseIpv6(bracketed);
  return parseIpv4(text.replace(/^([^:]*):\d+$/, "$1")) ?? parseIpv6(text);
}

function parseIpv4(text: string): IpAddress | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): IpAddress | undefined {
  const [address = ""] = text.split("%", 1);
  const [head = "", tail, ...more] = address.split("::");
  if (more.length > 0) return undefined;
  const front = groups(head, tail === undefined);
  const back = tail === undefined ? [] : groups(tail, true);
  if (front === undefined || back === undefined) return undefined;
  const missing = 16 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  const bytes = [...front, ...Array<number>(missing).fill(0), ...back];
  return MAPPED.every((byte, i) => bytes[i] === byte) ? bytes.slice(12) : bytes;
}

/** The bytes of some groups; the last two may be written as an IPv4 address. */
function groups(text: string, isEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (isEnd && i === parts.length - 1 && part.includes(".")) {
      const last = parseIpv4(part);
      if (last === undefined) return undefined;
      bytes.push(...last);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined;
      const group = parseInt(part, 16);
      bytes.push(group >> 8, group & 0xff);
    }
  }
  return bytes.length <= 16 ? bytes : undefined;
}

/** One text per address, or per network where only the first `prefix` bits of an IPv6 address count. */
export function ipKey(address: IpAddress, prefix: number): string {
  if (address.length === 4) return address.join(".");
  const bytes = address.map((byte, i) => byte & mask(prefix - 8 * i));
  const words = bytes.flatMap((byte, i) =>
    i % 2 === 0 ? [((byte << 8) | (bytes[i + 1] ?? 0)).toString(16)] : []
  );
  return `${words.join(":")}/${prefix}`;
}

/** A range of addresses: those that begin with the same bits. */
export class IpRange {
  readonly #address: IpAddress;
  readonly #prefix: number;

  private constructor(address: IpAddress, prefix: number) {
    this.#address = address;
    this.#prefix = prefix;
  }

  /** Reads an address, or a range such as `10.0.0.0/8`; `undefined`: it is neither. */
  static parse(text: string): IpRange | undefined {
    const [, base = "", bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    const address = parseIp(base);
    if (address === undefined) return undefined;
    const longest = 8 * address.length;
    // Of a mapped address the bits are counted as they are written.
    const written = base.includes(":") ? 128 : 32;
    const prefix = bits === undefined ? longest : Number(bits) - (written - longest);
    return prefix >= 0 && prefix <= longest ? new IpRange(address, prefix) : undefined;
  }

  /** Whether an address is in it. */
  has(address: IpAddress): boolean {
    return address.length === this.#address.length &&
      this.#address.every((byte, i) => {
        const bits = mask(this.#prefix - 8 * i);
        return (byte & bits) === ((address[i] ?? 0) & bits);
      });
  }
}

/** The first `bits` bits of a byte: none below 0, all from 8 on. */
function mask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 8 ? 0xff : (0xff << (8 - bits)) & 0xff;
}
