import { hideSecrets } from "../../src/check/hide_secrets.ts";

const MAX_LENGTH = 200;

/** A breaker's name, or another text from outside, as it may stand in a metric: valid Unicode, bounded, without what looks like a secret. */
export function labelOf(name: string): string {
  // Cut before it is searched, and again after that in case it grew.
  const shown = hideSecrets(name.length > MAX_LENGTH ? `${name.slice(0, MAX_LENGTH - 1)}…` : name);
  return shown.slice(0, MAX_LENGTH).toWellFormed();
}
