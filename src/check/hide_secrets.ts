// None of these looks back over what it has read: a text of any length takes time in proportion.
const SECRETS: readonly (readonly [RegExp, string])[] = [
  // The user and password of a URL or connection string.
  [/:\/\/[^\s/?#"']*@/g, "://…@"],
  // The value of a parameter, as in a query string, a connection string or a JSON text.
  [
    /((?:password|passwd|pwd|secret|token|signature|api[-_]?key|access[-_]?key)\s?=\s?)(?:"[^"]*"|'[^']*'|[^\s&;,"']+)/gi,
    "$1…",
  ],
  [valueAfter(`["']?\\s?:\\s?"`, String.raw`[^"\\]*(?:\\.[^"\\]*)*`), "$1…"],
  [valueAfter(`["']?\\s?:\\s?'`, String.raw`[^'\\]*(?:\\.[^'\\]*)*`), "$1…"],
  [valueAfter(String.raw`\\*["']?\s?:\s?\\+["']`, String.raw`[^"'\\]*`), "$1…"], // JSON within a text
  [valueAfter(String.raw`["']\s?:\s?`, String.raw`[\d+-][^\s,;}\]]*`), "$1…"],
  [/((?:password|passwd|pwd|secret|api[-_]?key|access[-_]?key): )[^\s&;,"']+/gi, "$1…"],
  // The credentials of an Authorization header.
  [/(authorization["']?\s?[=:]\s?["']?)(?:[a-z]+ )?[^\s"',;]+/gi, "$1…"],
  [/\b(bearer|basic) [\w.~+/-]{8,}=*/gi, "$1 …"],
];

/** The value that stands behind the name of a secret and what is between them. */
function valueAfter(between: string, value: string): RegExp {
  const names = "(?:password|passwd|pwd|secret|token|signature|api[-_]?key|access[-_]?key)";
  return new RegExp(`(${names}${between})${value}`, "gis");
}

/**
 * A text without what looks like a secret: the user and password of a URL, the
 * value of a parameter that is called a password, token or key, and the
 * credentials of an Authorization header. The last guard, not the first: what
 * makes an error message should leave secrets out.
 */
export function hideSecrets(text: string): string {
  return SECRETS.reduce((shown, [pattern, hidden]) => shown.replace(pattern, hidden), text);
}

/** How far into a value is looked: what is deeper is left out, and nothing goes round for ever. */
const MAX_DEPTH = 5;

/**
 * The same for every text in arrays, plain objects and errors; other values stay
 * as they are. It never throws, whatever the value's own getters do.
 */
export function hideSecretsIn(value: unknown): unknown {
  try {
    return hideWithin(value, MAX_DEPTH);
  } catch {
    return "[cannot be read]";
  }
}

function hideWithin(value: unknown, depth: number): unknown {
  if (typeof value === "string") return hideSecrets(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) return "…";
  if (value instanceof Error) return hideInError(value, depth - 1);
  if (Array.isArray(value)) return value.map((item) => hideWithin(item, depth - 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, hideWithin(field, depth - 1)]),
  );
}

/** The error itself if it tells no secret, else one like it that does not. */
function hideInError(error: Error, depth: number): Error {
  const [message, stack] = [hideSecrets(error.message), hideSecrets(error.stack ?? "")];
  const cause = hideWithin(error.cause, depth);
  const isClean = message === error.message && stack === (error.stack ?? "") &&
    cause === error.cause;
  if (isClean) return error;
  const shown = new Error(message, cause === undefined ? {} : { cause });
  return Object.assign(shown, { name: error.name, stack });
}
