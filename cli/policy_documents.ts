import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { breakerOfFile, COLLECTION_FILE, isPolicyFile } from "../backends/file/file_names.ts";
import type { Fault } from "../src/check/fault.ts";
import { ROOT_PATH } from "../src/check/json_path.ts";
import { nameFault } from "../src/policy/document_name.ts";
import { parseCollectionText, parsePolicyText } from "../src/policy/parse_policy.ts";
import type { Policy } from "../src/policy/policy.ts";
import { reasonOf } from "./reason_of.ts";

/** A document as a file backend would take it. */
export interface PolicyDocument {
  /** The file, as it was named. */
  readonly file: string;
  /** Whether it holds one policy, or `breakers.json`'s object of name to policy. */
  readonly kind: "policy" | "collection";
  /** The policy's name, a breaker's or a group's; of a collection its own. */
  readonly name: string;
  /** Its policies by name; empty where it has faults. */
  readonly policies: ReadonlyMap<string, Policy>;
  /** Everything that is wrong with it. */
  readonly faults: readonly Fault[];
}

/** What could not be read. */
export interface Unreadable {
  /** The file or folder, as it was named. */
  readonly path: string;
  /** Why. */
  readonly reason: string;
  /** Both as one sentence for people. */
  readonly message: string;
}

/** Checks the text of the document that stands in `file`. */
export function parseDocument(file: string, text: string): PolicyDocument {
  const fileName = basename(file);
  if (fileName === COLLECTION_FILE) {
    const result = parseCollectionText(text);
    return {
      file,
      kind: "collection",
      name: breakerOfFile(fileName),
      policies: result.ok ? result.policies : new Map(),
      faults: result.ok ? [] : result.faults,
    };
  }
  const name = fileName.endsWith(".json") ? breakerOfFile(fileName) : fileName;
  const result = parsePolicyText(text);
  const misnamed = nameFault(name, ROOT_PATH);
  const faults = [
    ...(misnamed === undefined ? [] : [misnamed]),
    ...(result.ok ? [] : result.faults),
  ];
  return {
    file,
    kind: "policy",
    name,
    policies: result.ok && faults.length === 0 ? new Map([[name, result.policy]]) : new Map(),
    faults,
  };
}

/** Reads and checks one file. */
export async function readDocument(file: string): Promise<PolicyDocument | Unreadable> {
  try {
    return parseDocument(file, new TextDecoder().decode(await readFile(file)));
  } catch (error) {
    return unreadable(file, reasonOf(error));
  }
}

/**
 * The files that the given paths stand for, each once: a file itself, a folder
 * those of its files that a file backend reads.
 */
export async function policyFiles(
  paths: readonly string[],
): Promise<{ readonly files: readonly string[]; readonly unreadable: readonly Unreadable[] }> {
  const files = new Map<string, string>();
  const unread: Unreadable[] = [];
  for (const path of paths) {
    try {
      const isFolder = (await stat(path)).isDirectory();
      const found = isFolder ? await filesOfFolder(path) : [path];
      if (found.length === 0) unread.push(empty(path));
      for (const file of found) {
        if (!files.has(resolve(file))) files.set(resolve(file), file);
      }
    } catch (error) {
      unread.push(unreadable(path, reasonOf(error)));
    }
  }
  return { files: [...files.values()], unreadable: unread };
}

function unreadable(path: string, reason: string): Unreadable {
  return { path, reason, message: `Cannot read ${path}: ${reason}` };
}

function empty(path: string): Unreadable {
  const reason = "it holds no policy file (NAME.json)";
  return { path, reason, message: `${path} holds no policy file (NAME.json)` };
}

async function filesOfFolder(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(isPolicyFile).sort().map((name) => join(folder, name));
}
