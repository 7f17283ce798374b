import type { ConfigEntry } from "./backend.ts";
import type { PolicyDocument } from "./document.ts";

interface KnownGoodState {
  readonly version: 1;
  readonly service: string;
  readonly documents: readonly ConfigEntry[];
}

/** The good versions of all documents as text, for a {@linkcode LastKnownGoodStore}. */
export function writeKnownGood(service: string, documents: Iterable<PolicyDocument>): string {
  const entries: ConfigEntry[] = [];
  for (const { kind, name, source, layer, good } of documents) {
    if (good === undefined) continue;
    entries.push({ kind, name, source, layer, revision: good.revision, text: good.text });
  }
  const state: KnownGoodState = { version: 1, service, documents: entries };
  return JSON.stringify(state);
}

/**
 * The documents that {@linkcode writeKnownGood} wrote.
 *
 * @throws {TypeError} If the text is something else, or of another service.
 */
export function readKnownGood(service: string, text: string): readonly ConfigEntry[] {
  const state: unknown = parse(text);
  if (!isState(state)) {
    throw new TypeError("Cannot use last known good state: it is not one, or of another version");
  }
  if (state.service !== service) {
    throw new TypeError(
      `Cannot use last known good state: it belongs to service "${state.service}", not "${service}"`,
    );
  }
  return state.documents;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isState(value: unknown): value is KnownGoodState {
  return isRecord(value) && value["version"] === 1 && typeof value["service"] === "string" &&
    Array.isArray(value["documents"]) && value["documents"].every(isEntry);
}

function isEntry(value: unknown): value is ConfigEntry {
  return isRecord(value) && (value["kind"] === "policy" || value["kind"] === "collection") &&
    ["name", "source", "revision", "text"].every((field) => typeof value[field] === "string") &&
    Number.isSafeInteger(value["layer"]);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
