import assert from "node:assert/strict";
import type { Checklist } from "./checklist.ts";
import type { JsrConsumer } from "./jsr_consumer.ts";
import type { JsrPackage } from "./jsr_package.ts";
import type { JsrRegistry } from "./jsr_registry.ts";
import { specifierOf } from "./jsr_score.ts";

/** The one client that is imported, and only when it is used. */
const ETCD_CLIENT = "etcd3@1.1.2";
/** The packages from npm of each entry point; of all others there is none. */
const FROM_NPM: Readonly<Record<string, readonly string[]>> = {
  "./etcd": [ETCD_CLIENT],
  "./cli": [ETCD_CLIENT],
};

/** Whose modules are looked at, and from where. */
export interface JsrModulesSubject {
  readonly subject: JsrPackage;
  readonly registry: JsrRegistry;
  readonly consumer: JsrConsumer;
}

interface ModuleGraph {
  readonly modules: readonly { readonly specifier: string; readonly error?: string }[];
  readonly npmPackages: Readonly<Record<string, unknown>>;
  readonly redirects: Readonly<Record<string, string>>;
}

/** Checks what each entry point downloads: its own modules, and from npm next to nothing. */
export async function checkModules(
  checks: Checklist,
  { subject, registry, consumer }: JsrModulesSubject,
): Promise<void> {
  const home = `${registry.url}@${subject.scope}/${subject.name}/${subject.version}/`;
  const reached = new Set<string>();
  for (const entryPoint of Object.keys(subject.exports)) {
    const specifier = specifierOf(subject, entryPoint);
    const wanted = FROM_NPM[entryPoint] ?? [];
    const what = wanted.length === 0 ? "nothing from npm" : `${wanted.join(", ")} from npm`;
    await checks.check(`${specifier} downloads ${what}, and else its own modules`, async () => {
      const graph: ModuleGraph = JSON.parse(await consumer.mustRun(["info", "--json", specifier]));
      const specifiers = graph.modules.map((module) => module.specifier);
      const own = specifiers.filter((module) => module.startsWith(home));
      assert(own.length > 0, "it has no module");
      for (const module of own) reached.add(module.slice(home.length - 1));
      const others = specifiers.filter((module) => !module.startsWith(home));
      const fromNpm = others.filter((module) => module.startsWith("npm:"));
      assert.deepEqual(fromNpm.map((module) => module.replace(/^npm:\/?/, "")), wanted);
      assert.deepEqual(others.filter((module) => !/^(node|npm):/.test(module)), []);
      assert.deepEqual(graph.modules.filter(({ error }) => error !== undefined), []);
    });
  }
  await checks.check("every published module belongs to an entry point", () => {
    const modules = [...subject.files.keys()].filter((path) => path.endsWith(".ts"));
    assert.deepEqual(modules.filter((path) => !reached.has(path)), []);
  });
}
