import { shorten } from "./describe_value.ts";

/** Longest part of a path that is shown whole; breaker names and field names are shorter. */
const MAX_KEY_SHOWN = 256;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** The JSON path of a document itself. */
export const ROOT_PATH = "$";

/**
 * The JSON path of a field: `$.halfOpen.maxProbes`, or `$["grpc:user-service"]`
 * where the name is no identifier. A name of more than 256 characters is cut.
 *
 * @param parent Path of the object that the field is in.
 * @param key The field's name.
 * @returns The field's path.
 */
export function fieldPath(parent: string, key: string): string {
  const shown = shorten(key, MAX_KEY_SHOWN);
  return IDENTIFIER.test(shown) ? `${parent}.${shown}` : `${parent}[${JSON.stringify(shown)}]`;
}
