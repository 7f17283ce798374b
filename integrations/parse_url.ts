/**
 * The URL that `text` stands for, taken from `base` where it is relative; `undefined`
 * if it is none. `URL.parse` would do, but the first releases of Node 20 have none.
 */
export function parseUrl(text: string | URL, base?: string): URL | undefined {
  return URL.canParse(text, base) ? new URL(text, base) : undefined;
}
