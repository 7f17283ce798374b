import assert from "node:assert/strict";

/** What `deno doc --json` tells of one entry point. */
export interface EntryPointDocs {
  /** The specifier that it was asked by. */
  readonly entryPoint: string;
  /** The text of its module doc, its examples included. */
  readonly text: string;
  /** The code blocks of its module doc, as Markdown. */
  readonly examples: readonly string[];
  readonly exported: number;
  /** The exported symbols without a doc. */
  readonly undocumented: readonly string[];
}

/**
 * Reads what `deno doc --json` printed for some entry points.
 *
 * @throws {Error} If it is in another form than that of `version` 2
 */
export function entryPointDocs(json: string): EntryPointDocs[] {
  const root: unknown = JSON.parse(json);
  assert(isRecord(root) && root["version"] === 2, "deno doc prints another version than 2");
  assert(isRecord(root["nodes"]));
  const nodes = Object.entries(root["nodes"]).map(([entryPoint, node]) => {
    assert(isRecord(node) && Array.isArray(node["symbols"]), entryPoint);
    return { entryPoint, doc: node["module_doc"], symbols: node["symbols"].map(symbolOf) };
  });
  const declarations = nodes.flatMap(({ symbols }) => symbols).flatMap((symbol) =>
    symbol.declarations
  );
  const documented = new Set(
    declarations.filter(({ doc }) => doc !== "").map(({ place }) => place),
  );
  return nodes.map(({ entryPoint, doc, symbols }) => {
    const undocumented = symbols.filter((symbol) => !isDocumented(symbol, documented));
    return {
      entryPoint,
      ...moduleDoc(doc),
      exported: symbols.length,
      undocumented: undocumented.map(({ name }) => name),
    };
  });
}

interface DocumentedSymbol {
  readonly name: string;
  readonly declarations: readonly Declaration[];
}

interface Declaration {
  readonly kind: string;
  readonly doc: string;
  /** Where it stands; for what an entry point shares with another one, where it stands there. */
  readonly place: string;
}

function symbolOf(symbol: unknown): DocumentedSymbol {
  assert(isRecord(symbol) && Array.isArray(symbol["declarations"]));
  return { name: String(symbol["name"]), declarations: symbol["declarations"].map(declarationOf) };
}

function declarationOf(declaration: unknown): Declaration {
  assert(isRecord(declaration));
  const { kind, jsDoc, def, location } = declaration;
  const isShared = kind === "reference" && isRecord(def);
  return {
    kind: String(kind),
    doc: isRecord(jsDoc) ? String(jsDoc["doc"] ?? "").trim() : "",
    place: JSON.stringify(isShared ? def["target"] : location),
  };
}

function moduleDoc(doc: unknown): Pick<EntryPointDocs, "text" | "examples"> {
  if (!isRecord(doc)) return { text: "", examples: [] };
  const tags: unknown[] = Array.isArray(doc["tags"]) ? doc["tags"] : [];
  const tagged = tags.flatMap((tag) => isRecord(tag) && tag["kind"] === "example" ? [tag] : []);
  const text = [doc, ...tagged].map((part) => String(part["doc"] ?? "")).join("\n\n");
  return { text, examples: text.match(/^```[a-z][\s\S]*?^```$/gm) ?? [] };
}

/** Whether each of its declarations, or of an overloaded function one, has a doc. */
function isDocumented({ declarations }: DocumentedSymbol, documented: Set<string>): boolean {
  const areOverloads = declarations.every(({ kind }) => kind === "function");
  const holds = ({ place }: Declaration): boolean => documented.has(place);
  return areOverloads ? declarations.some(holds) : declarations.every(holds);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
