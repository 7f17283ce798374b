import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";

/** One import of another file of the project. */
export interface Import {
  /** The file that is imported, from the project's root. */
  readonly target: string;
  /** Whether nothing of it is left when the program runs. */
  readonly typesOnly: boolean;
  /** Whether it is exported again. */
  readonly reexport: boolean;
}

/** What each file of the project imports, by its path from the root. */
export type ImportGraph = ReadonlyMap<string, readonly Import[]>;

/** The modules in `folders` of the project at `root`, sorted; a folder that is not there has none. */
export async function modulesIn(root: string, folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { recursive: true }).catch(() => []);
    const modules = entries.filter((entry) => entry.endsWith(".ts"));
    found.push(...modules.map((entry) => posix.join(folder, entry.replaceAll("\\", "/"))));
  }
  return found.sort();
}

/** Reads what the modules in `folders` import from the project at `root`. */
export async function readImportGraph(
  root: string,
  folders: readonly string[],
): Promise<ImportGraph> {
  const graph = new Map<string, Import[]>();
  for (const file of await modulesIn(root, folders)) {
    const statements = statementsOf(await readFile(join(root, file), "utf8"));
    const own = statements.filter(({ specifier }) => specifier.startsWith("."));
    graph.set(
      file,
      own.map(({ specifier, typesOnly, reexport }) => ({
        target: posix.join(posix.dirname(file), specifier),
        typesOnly,
        reexport,
      })),
    );
  }
  return graph;
}

/** An import as it is written. */
export interface ImportStatement extends Omit<Import, "target"> {
  readonly specifier: string;
  /** Whether it is made while the program runs. */
  readonly late: boolean;
}

/** What a module imports, comments left out; what it imports while it runs is among it. */
export function statementsOf(text: string): ImportStatement[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
  const written = code.matchAll(/^(import|export)\b([^;"']*?)\bfrom\s*["']([^"'\n]+)["']/gm);
  const bare = code.matchAll(/^import\s*["']([^"'\n]+)["']/gm);
  const later = code.matchAll(/\bimport\(\s*["']([^"']+)["']/g);
  return [
    ...[...written].map(([, keyword, names = "", specifier = ""]) => ({
      specifier,
      typesOnly: /^\s*type\b/.test(names) || /^\s*\{(\s*type\s[^,}]*,?)+\s*\}\s*$/.test(names),
      reexport: keyword === "export",
      late: false,
    })),
    ...[...bare].map(([, specifier = ""]) => ({
      specifier,
      typesOnly: false,
      reexport: false,
      late: false,
    })),
    ...[...later].map(([, specifier = ""]) => ({
      specifier,
      typesOnly: false,
      reexport: false,
      late: true,
    })),
  ];
}
