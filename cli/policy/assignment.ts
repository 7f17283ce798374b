import { isRecord } from "../../src/policy/check_policy.ts";
import { UsageError } from "../usage_error.ts";

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One change to a document. */
export interface Assignment {
  /** The field, from the outermost to the innermost name. */
  readonly path: readonly string[];
  /** What it becomes; `undefined`: it is removed. */
  readonly value: unknown;
}

/** The field that says of which kind an object is, and so which others it has. */
const KIND = "kind";

/**
 * Reads `field=value`. The value is JSON where it parses as such, else text;
 * nothing removes the field. A dot leads into an inner field.
 *
 * @throws {UsageError} If it is nothing of the kind.
 */
export function parseAssignment(text: string): Assignment {
  const at = text.indexOf("=");
  const path = text.slice(0, Math.max(at, 0)).split(".");
  if (at < 0 || path.includes("")) {
    throw new UsageError(
      `${JSON.stringify(text)} must be field=value, such as halfOpen.maxProbes=3, or field= ` +
        "to inherit it",
    );
  }
  return { path, value: valueOf(text.slice(at + 1)) };
}

/**
 * The document after a change. Objects on the way are made where there are
 * none, and go with their last field. A `kind` that becomes another starts its
 * object anew, because another kind has other fields.
 */
export function assign(document: JsonObject, { path, value }: Assignment): JsonObject {
  const [name = "", ...rest] = path;
  if (rest.length === 0) {
    if (name === KIND && value !== undefined && document[KIND] !== value) return { kind: value };
    return withField(document, name, value);
  }
  const inner = Object.hasOwn(document, name) ? document[name] : undefined;
  const changed = assign(isRecord(inner) ? inner : {}, { path: rest, value });
  const isGone = Object.keys(changed).length === 0 && value === undefined;
  return withField(document, name, isGone ? undefined : changed);
}

/** A copy with one own field replaced, also where its name means something to JavaScript. */
function withField(document: JsonObject, name: string, value: unknown): JsonObject {
  const fields = new Map(Object.entries(document));
  if (value === undefined) fields.delete(name);
  else fields.set(name, value);
  return Object.fromEntries(fields);
}

function valueOf(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
