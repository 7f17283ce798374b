import assert from "node:assert/strict";
import type { Checklist } from "./checklist.ts";
import type { JsrConsumer } from "./jsr_consumer.ts";
import type { JsrPackage } from "./jsr_package.ts";
import type { JsrRegistry } from "./jsr_registry.ts";
import { specifierOf } from "./jsr_score.ts";

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

/** Checks that each entry point downloads its own modules and nothing else. */
export async function checkModules(
  checks: Checklist,
  { subject, registry, consumer }: JsrModulesSubject,
): Promise<void> {
  const home = `${registry.url}@${subject.scope}/${subject.name}/${subject.version}/`;
  const reached = new Set<string>();
  for (const entryPoint of Object.keys(subject.exports)) {
    const specifier = specifierOf(subject, entryPoint);
    await checks.check(`${specifier} downloads its own modules, and nothing else`, async () => {
      const graph: ModuleGraph = JSON.parse(await consumer.mustRun(["info", "--json", specifier]));
      const specifiers = graph.modules.map((module) => module.specifier);
      const own = specifiers.filter((module) => module.startsWith(home));
      assert(own.length > 0, "it has no module");
      for (const module of own) reached.add(module.slice(home.length - 1));
      const others = specifiers.filter((module) => !module.startsWith(home));
      assert.deepEqual(others.filter((module) => !module.startsWith("node:")), []);
      assert.deepEqual(graph.modules.filter(({ error }) => error !== undefined), []);
    });
  }
  await checks.check("every published module belongs to an entry point", () => {
    const modules = [...subject.files.keys()].filter((path) => path.endsWith(".ts"));
    assert.deepEqual(modules.filter((path) => !reached.has(path)), []);
  });
}
