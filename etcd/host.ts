/** One member of an etcd cluster, by its client address. */
export interface EtcdHost {
  /** Whether it speaks TLS. */
  readonly secure: boolean;
  /** Name or address, an IPv6 address in brackets. */
  readonly hostname: string;
  /** The TCP port. */
  readonly port: number;
  /** Scheme, name and port, without credentials, for requests and messages. */
  readonly url: string;
}

const DEFAULT_PORT = 2379;

/**
 * Reads `etcd-1`, `etcd-1:2379`, `http://etcd-1:2379` or `https://etcd-1:2379`.
 * Without a scheme it is TLS where `secure` says so. A user name and password in it are
 * dropped: they would end up in messages.
 *
 * @throws {TypeError} If it is none of these; the message begins with what is wrong and shows no credentials.
 */
export function parseHost(text: string, secure: boolean): EtcdHost {
  const withScheme = text.includes("://") ? text : `${secure ? "https" : "http"}://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (url === undefined || !isHttp || url.hostname === "" || /\s/.test(text)) {
    throw new TypeError(`must be host:port, http://… or https://…, received ${shown(text)}`);
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw new TypeError(`must have no path, received ${shown(text)}`);
  }
  const port = url.port === "" ? portOf(withScheme) : Number(url.port);
  if (port === 0) throw new TypeError(`must have a port of 1 to 65535, received ${shown(text)}`);
  const scheme = url.protocol.slice(0, -1);
  return {
    secure: scheme === "https",
    hostname: url.hostname,
    port,
    url: `${scheme}://${url.hostname}:${port}`,
  };
}

/** A URL drops the port that its scheme implies, where one was written. */
function portOf(text: string): number {
  const written = /:(\d+)\/?$/.exec(text)?.[1];
  return written === undefined ? DEFAULT_PORT : Number(written);
}

function shown(text: string): string {
  return JSON.stringify(text.replace(/^([^@]*:\/\/)?[^@]*@/, "$1…@"));
}
