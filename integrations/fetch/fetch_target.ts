import { parseUrl } from "../parse_url.ts";

/** The signature of `fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What a request is aimed at, for those who name breakers. */
export interface FetchTarget {
  /** The method, in upper case. */
  readonly method: string;
  /** The URL, with whatever secrets it holds. */
  readonly url: URL;
}

/** One request as it was given to `fetch`. */
export interface FetchArguments {
  readonly input: string | URL | Request;
  readonly init: RequestInit | undefined;
}

/** Methods that RFC 9110, section 9.2.2, calls idempotent. */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/**
 * What was given to `fetch`, such that a copy of `init` with another signal means the same.
 * `fetch(url, request)` is legal, but a copy of a `Request` has none of its properties.
 */
export function fetchArguments(
  input: string | URL | Request,
  init: RequestInit | undefined,
): FetchArguments {
  const isRequest = init instanceof Request;
  return isRequest ? { input: new Request(input, init), init: undefined } : { input, init };
}

/** Where a request goes; `undefined` if the URL is none. */
export function targetOf({ input, init }: FetchArguments): FetchTarget | undefined {
  const isRequest = input instanceof Request;
  const base = globalThis.location?.href; // browsers resolve against the page
  const url = parseUrl(isRequest ? input.url : input, base);
  if (url === undefined) return undefined;
  const method = init?.method ?? (isRequest ? input.method : "GET");
  return { method: String(method).toUpperCase(), url };
}

/** The origin of a URL: scheme, host and port, and nothing else of it. */
export function originOf({ url }: FetchTarget): string {
  // Not url.origin, which is "null" for schemes that the platform does not know.
  return `${url.protocol}//${url.host}`;
}

/** The caller's own signal: that of `init` goes before that of a request, as in `fetch`; `null` there means none. */
export function signalOf({ input, init }: FetchArguments): AbortSignal | undefined {
  if (init?.signal !== undefined) return init.signal ?? undefined;
  return input instanceof Request ? input.signal : undefined;
}

/** Whether the platform would refuse to send it at all: the caller's mistake says nothing about the server. */
export function isMistaken({ input, init }: FetchArguments, { url, method }: FetchTarget): boolean {
  const { body, signal: _, ...rest } = init ?? {};
  if (input instanceof Request && input.bodyUsed && isNothing(body)) return true;
  if (body instanceof ReadableStream && body.locked) return true;
  if (isNothing(body) && Object.keys(rest).length === 0 && url.username === "") return false;
  try {
    // A short text stands in for the body, which must not be touched.
    new Request(url, { ...rest, method, ...(!isNothing(body) && { body: "-" }) });
    return false;
  } catch {
    return true;
  }
}

/** Whether a request may be sent more than once: by its method (RFC 9110, section 9.2.2) and by its body. */
export function isRepeatable({ input, init }: FetchArguments, { method }: FetchTarget): boolean {
  if (!IDEMPOTENT.has(method)) return false;
  const { body } = init ?? {};
  if (!isNothing(body)) return !isStream(body);
  return !(input instanceof Request) || input.body === null;
}

function isNothing(body: unknown): body is null | undefined {
  return body === null || body === undefined;
}

/** Whether a body can be read once only: a stream, or what else is iterated. */
function isStream(body: unknown): boolean {
  if (body instanceof ReadableStream) return true;
  const isKnown = typeof body === "string" || body instanceof URLSearchParams ||
    body instanceof FormData || body instanceof Blob || body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body);
  return !isKnown;
}
