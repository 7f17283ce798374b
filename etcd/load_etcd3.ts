import type { EtcdClient } from "./client.ts";

/** The package as Node, Bun and projects of Deno have it: installed, as an optional peer. */
const INSTALLED = "etcd3";
/** The package as Deno downloads it. */
const DOWNLOADED = "npm:etcd3@1.1.2";

/** What of the package is used. */
export interface Etcd3Module {
  readonly Etcd3: new (options: object) => EtcdClient;
}

/**
 * Loads the npm package etcd3.
 *
 * @throws {Error} If it is not installed, and cannot be downloaded.
 */
export async function loadEtcd3(): Promise<Etcd3Module> {
  const installed = load(INSTALLED);
  const loading = "Deno" in globalThis ? installed.catch(() => load(DOWNLOADED)) : installed;
  const module = await loading.catch((cause) => {
    // What CommonJS says goes on with all modules that led there.
    const [why] = String(cause instanceof Error ? cause.message : cause).split("\n", 1);
    const remedy = 'Install etcd3@1.1.2, or choose the transport "gateway"';
    throw new Error(`Cannot load the npm package etcd3: ${why}. ${remedy}`, { cause });
  });
  if (!isEtcd3(module)) throw new Error("Cannot use the npm package etcd3: it has no Etcd3");
  return module;
}

/** Imports by a variable: a name that Deno can read in `import()` is downloaded even if never called. */
function load(name: string): Promise<unknown> {
  return import(name);
}

function isEtcd3(module: unknown): module is Etcd3Module {
  return typeof module === "object" && module !== null && "Etcd3" in module &&
    typeof module.Etcd3 === "function";
}
