import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "npm:yaml@2.9.1";
import config from "../deno.json" with { type: "json" };
import { VERSION } from "../cli/version.ts";
import { releaseFaults } from "../npm/check_release.ts";
import { CLIENTS, completePackageJson } from "../npm/package_json.ts";
import { RUNTIMES } from "./everywhere/runtimes.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const ROOT = new URL("../", import.meta.url);
const textOf = (path: string): Promise<string> => readFile(new URL(path, ROOT), "utf8");

async function workflow(name: string): Promise<Workflow> {
  return parse(await textOf(`.github/workflows/${name}.yml`), { strict: true });
}

const commands = ({ steps }: Job): string[] => steps.flatMap(({ run }) => run ?? []);

Deno.test("CI runs what a contributor runs, on every push and pull request, and may only read", async () => {
  const { on, permissions, jobs } = await workflow("ci");
  assert.deepEqual(Object.keys(on), ["push", "pull_request"]);
  assert.deepEqual(permissions, { contents: "read" });
  assert.deepEqual(Object.values(jobs).flatMap(commands), ["bash .ci/run"]);
});

Deno.test("a release is off until it is switched on, and is made of tags only", async () => {
  const { on, permissions, jobs } = await workflow("release");
  assert.deepEqual(on, { push: { tags: ["v*"] } });
  assert.deepEqual(permissions, { contents: "read" });
  for (const [name, job] of Object.entries(jobs)) {
    assert.equal(job.if, "vars.RELEASE == 'on'", name);
  }
});

Deno.test("a release is checked before anything is published, and each publishes with provenance and no token", async () => {
  const { jobs } = await workflow("release");
  const { check, jsr, npm, ...others } = jobs;
  assert(check !== undefined && jsr !== undefined && npm !== undefined);
  assert.deepEqual(others, {});
  const [first, second] = commands(check);
  assert.match(first ?? "", /run --allow-read npm\/check_release\.ts "\$GITHUB_REF_NAME"$/);
  assert.equal(second, "bash .ci/run");
  assert.equal(check.permissions, undefined);
  for (const job of [jsr, npm]) {
    assert.equal(job.needs, "check");
    assert.deepEqual(job.permissions, { contents: "read", "id-token": "write" });
    assert.doesNotMatch(JSON.stringify(job), /secrets\.|--token|--no-provenance|dry-run/);
  }
  assert.match(commands(jsr).at(-1) ?? "", /deno@\S+ publish$/);
  assert.match(commands(npm).at(-1) ?? "", /^npm publish \.\/package\.tgz --provenance/);
});

Deno.test("the version of Deno is the same wherever it is named", async () => {
  const docs = (await readdir(fileURLToPath(new URL("docs", ROOT)))).filter((name) =>
    name.endsWith(".md")
  );
  const seen = new Map<string, string[]>();
  for (
    const path of [
      ".ci/run",
      ".github/workflows/release.yml",
      "README.md",
      "CONTRIBUTING.md",
      ...docs.map((name) => `docs/${name}`),
    ]
  ) {
    // In a command, and in the README's table of what is supported.
    const named = /(?:\bdeno@|^\| Deno )(\d[\w.-]*\w)/gm;
    for (const [, version = ""] of (await textOf(path)).matchAll(named)) {
      seen.set(version, [...seen.get(version) ?? [], path]);
    }
  }
  assert.equal(seen.size, 1, JSON.stringify([...seen]));
  const [paths = []] = seen.values();
  for (const path of [".ci/run", ".github/workflows/release.yml", "README.md"]) {
    assert(paths.includes(path), path);
  }
});

Deno.test("workflows use versions of Node that the package is run on, and actions of a fixed version", async () => {
  const known: unknown[] = Object.values(RUNTIMES).map(({ version }) => version);
  for (const name of ["ci", "release"]) {
    const steps = Object.values((await workflow(name)).jobs).flatMap((job) => job.steps);
    for (const { uses, with: settings } of steps) {
      if (uses === undefined) continue;
      assert.match(uses, /^actions\/[\w-]+@v\d+$/);
      if (uses.startsWith("actions/setup-node@")) {
        assert(known.includes(settings?.["node-version"]));
      }
    }
  }
});

const CHANGELOG =
  "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-31\n\n### Added\n\n- All.\n";

for (
  const { what, change, faults } of [
    { what: "agrees", change: {}, faults: [] },
    { what: "has another tag", change: { tag: "1.2.3" }, faults: [/tag is 1\.2\.3/] },
    {
      what: "has a tool of another version",
      change: { toolVersion: "1.2.2" },
      faults: [/1\.2\.2/],
    },
    {
      what: "is not in the changelog",
      change: { changelog: "# Changelog\n\n## [Unreleased]\n\n- All.\n" },
      faults: [/no entry for 1\.2\.3/],
    },
    {
      what: "has no date",
      change: { changelog: CHANGELOG.replace("2026-01-31", "unreleased") },
      faults: [/no date/],
    },
    {
      what: "has an empty entry",
      change: { changelog: CHANGELOG.replace("- All.\n", "\n## [1.0.0] - 2025-01-01\n\n- Old.\n") },
      faults: [/says nothing/],
    },
  ]
) {
  Deno.test(`a release that ${what} ${faults.length === 0 ? "is made" : "is refused"}`, () => {
    const release = { tag: "v1.2.3", version: "1.2.3", toolVersion: "1.2.3", changelog: CHANGELOG };
    const found = releaseFaults({ ...release, ...change });
    assert.equal(found.length, faults.length, found.join("\n"));
    faults.forEach((fault, i) => assert.match(found[i] ?? "", fault));
  });
}

Deno.test("the command line tool says the version of deno.json", () => {
  assert.equal(VERSION, config.version);
});

Deno.test("package.json: the client that an entry point loads is an optional peer, in the versions that were run", async () => {
  const packed = { name: "p", version: "1.0.0", exports: {}, dependencies: { etcd3: "^1.1.2" } };
  const manifest = completePackageJson(packed, { repository: "git+https://example.org/p.git" });
  assert.deepEqual(manifest["dependencies"], undefined);
  assert.deepEqual(manifest["peerDependencies"], { etcd3: ">=1.1.0 <=1.1.2" });
  assert.deepEqual(manifest["peerDependenciesMeta"], { etcd3: { optional: true } });
  assert.deepEqual(manifest["repository"], { type: "git", url: "git+https://example.org/p.git" });
  const source = await textOf("etcd/load_etcd3.ts");
  const loaded = [...source.matchAll(/"npm:(\w+)@([\d.]+)"/g)];
  assert.deepEqual(loaded.map(([, client, version]) => [client, version]), [
    ["etcd3", CLIENTS["etcd3"]?.newest],
  ]);
});

Deno.test("package.json: a dependency that is no known client is refused", () => {
  const packed = { name: "p", version: "1.0.0", exports: {}, dependencies: { lodash: "^4.0.0" } };
  assert.throws(() => completePackageJson(packed), /depend on lodash/);
});
