import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Checklist } from "./checklist.ts";
import type { JsrConsumer } from "./jsr_consumer.ts";
import { type EntryPointDocs, entryPointDocs } from "./jsr_docs.ts";
import type { JsrPackage, Publication } from "./jsr_package.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What `deno publish --dry-run` says when all is well; anything else is a warning. */
const USUAL = [
  /^(Check|Download|Initialize) /,
  /^[╭│╰]/, // the box that tells of build scripts of npm packages that were not run
  /^Checking for slow types in the public API/,
  /^Simulating publish of /,
  /^Success Dry run complete$/,
];

/** The one warning: an import that nobody can read ahead, so that its package is not downloaded in vain. */
const LATE_IMPORT =
  /^warning\[unanalyzable-dynamic-import\].*\n.*\/load_etcd3\.ts:[^]*?(?=^warning|^Simulating)/m;

/** What the score is read from. */
export interface JsrScoreSubject {
  readonly publication: Publication;
  readonly consumer: JsrConsumer;
}

/**
 * Checks all that JSR scores a package by and that its files decide. Its description, the runtimes
 * that it is compatible with and its provenance come from the registry's settings and from the
 * release workflow.
 *
 * @returns The docs of the entry points
 */
export async function checkScore(
  checks: Checklist,
  { publication, consumer }: JsrScoreSubject,
): Promise<EntryPointDocs[]> {
  const { files, exports } = publication.package;
  await checks.check("score: no slow types, and no warning but that of the late import", () => {
    const said = publication.said.join("\n").replace(LATE_IMPORT, "").split("\n");
    assert.deepEqual(said.filter((line) => !USUAL.some((usual) => usual.test(line))), []);
    assert(publication.said.some((line) => line.startsWith("Checking for slow types")));
  });
  await checks.check("score: a README with examples", () => {
    const readme = new TextDecoder().decode(files.get("/README.md"));
    assert.match(readme, /^# \S/, "there is none");
    assert.match(readme, /^```ts\n[\s\S]*?^```$/m, "it holds no example");
  });
  let docs: EntryPointDocs[] = [];
  const specifiers = Object.keys(exports).map((path) => specifierOf(publication.package, path));
  await checks.check("score: the docs of each entry point can be read", async () => {
    docs = entryPointDocs(await consumer.mustRun(["doc", "--json", ...specifiers]));
    assert.deepEqual(docs.map(({ entryPoint }) => entryPoint).sort(), [...specifiers].sort());
  });
  for (const { entryPoint, text, examples, exported, undocumented } of docs) {
    await checks.check(`score: ${entryPoint} has a module doc with an example`, () => {
      assert.match(text, /^[A-Z`][\s\S]*\.$/m);
      assert(examples.length > 0, "it holds no example");
    });
    await checks.check(`score: each symbol of ${entryPoint} is documented`, () => {
      assert(exported > 0, "it exports nothing");
      assert.deepEqual(undocumented, []);
    });
  }
  await checks.check(
    "score: each member of each symbol is documented, as deno doc --lint asks",
    async () => {
      const modules = Object.values(exports).map((path) => join(ROOT, path));
      await consumer.mustRun(["doc", "--lint", ...modules]);
    },
  );
  await checks.check(
    "JSR takes names of files that no system confuses, up to 160 characters",
    () => {
      const names = [...files.keys()];
      const folded = new Set(names.map((name) => name.toLowerCase()));
      assert.equal(folded.size, names.length, "two differ in case alone");
      assert.deepEqual(names.filter((name) => name.length > 160 || !/^[\w./-]+$/.test(name)), []);
      const bytes = [...files.values()].reduce((sum, file) => sum + file.length, 0);
      assert(bytes < 20_000_000, `the package has ${bytes} bytes`);
    },
  );
  return docs;
}

/** What users import an entry point by, in a project that names the package's version itself. */
export function specifierOf(subject: JsrPackage, entryPoint: string): string {
  return `jsr:@${subject.scope}/${subject.name}${entryPoint.slice(1)}`;
}
