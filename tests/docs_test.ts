/** Holds what the docs say to the code: fields, links, paths, tasks, commands, versions, metrics, figures. */
import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { memoryBackend } from "../backends/memory.ts";
import config from "../deno.json" with { type: "json" };
import { prometheusText } from "../integrations/prometheus/mod.ts";
import { createProvider, getDefaultConfig } from "../mod.ts";
import type { Field, Fields, NumberType } from "../src/policy/field.ts";
import { POLICY_FIELDS } from "../src/policy/fields.ts";
import { run } from "./cli/captured_io.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Page {
  readonly path: string;
  readonly text: string;
}

async function readPage(path: string): Promise<Page> {
  return { path, text: await readFile(join(ROOT, path), "utf8") };
}

async function pages(): Promise<Page[]> {
  const ofDocs = (await readdir(join(ROOT, "docs"))).filter((name) => name.endsWith(".md"));
  const paths = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];
  return await Promise.all([...paths, ...ofDocs.map((name) => `docs/${name}`)].map(readPage));
}

async function exists(path: string): Promise<boolean> {
  return await stat(join(ROOT, path)).then(() => true, () => false);
}

/** The rows of the first table after a text, without its head, by cell. */
function tableAfter(text: string, start: string): string[][] {
  const lines = text.slice(text.indexOf(start) + start.length).split("\n");
  const first = lines.findIndex((line) => line.startsWith("|"));
  const end = lines.findIndex((line, i) => i > first && !line.startsWith("|"));
  assert(first >= 0, `a table follows ${start}`);
  return lines.slice(first + 2, end).map((line) =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())
  );
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(text: string): Set<string> {
  const headings = text.matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-")
    ),
  );
}

function rangeOf(type: Field["type"]): string {
  switch (type.kind) {
    case "integer":
    case "number":
      return rangeOfNumber(type);
    case "duration":
    case "text":
    case "object":
      return type.kind;
    case "choice":
      return "one of the four";
    case "variant":
      return Object.keys(type.variants).map((kind) => `{"kind":"${kind}",…}`).join(" or ");
  }
}

function rangeOfNumber({ kind, min, above, max }: NumberType): string {
  const from = above === undefined ? `from ${min}` : `above ${above},`;
  const to = max === undefined || max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`;
  return `${kind === "integer" ? "integer " : ""}${from}${to}`;
}

/** Every field with its path, those of its objects after it. */
function allFields(fields: Fields, under = ""): [string, Field][] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const { type } = field;
    const inner = type.kind === "object"
      ? [type.fields]
      : type.kind === "variant"
      ? Object.values(type.variants)
      : [];
    const path = under + name;
    return [[path, field], ...inner.flatMap((own) => allFields(own, `${path}.`))];
  });
}

Deno.test("the README's table of policy fields says what src/policy/fields.ts says", async () => {
  const { text } = await readPage("README.md");
  const rows = tableAfter(text, "## Policies").flatMap(([names = "", ...cells]) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => [name, ...cells] as const)
  );
  const fields = allFields(POLICY_FIELDS);
  assert.deepEqual(rows.map(([name]) => name).sort(), fields.map(([path]) => path).sort());
  for (const [path, field] of fields) {
    const [, meaning = "", range = "", standard = ""] = rows.find(([name]) => name === path) ?? [];
    assert.equal(range.replaceAll("`", ""), rangeOf(field.type), `range of ${path}`);
    const expected = field.required === true
      ? ["required"]
      : field.default === undefined
      ? ["off", "as below", "the policy's `openStateTimeout`"]
      : [`\`${JSON.stringify(field.default)}\``];
    assert(expected.includes(standard.split(", in development")[0] ?? ""), `default of ${path}`);
    if (field.type.kind === "choice") {
      for (const value of field.type.values) assert(meaning.includes(`\`${value}\``), value);
    }
  }
});

Deno.test("every relative link of the docs leads somewhere, its anchor too", async () => {
  const broken: string[] = [];
  let seen = 0;
  for (const { path, text } of await pages()) {
    for (const [, link = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      seen++;
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : join(dirname(path), file);
      if (!await exists(target)) broken.push(`${path}: ${link}`);
      else if (anchor !== undefined && !anchors((await readPage(target)).text).has(anchor)) {
        broken.push(`${path}: ${link}, no such heading`);
      }
    }
  }
  assert(seen > 50, `${seen} links`);
  assert.deepEqual(broken, []);
});

Deno.test("every path of this repository that the docs name is there", async () => {
  const missing: string[] = [];
  const named =
    /(?<![\w/.-])(?:src|etcd|backends|integrations|cli|examples|tests|bench|docs)\/[\w./-]*\w/g;
  for (const { path, text } of await pages()) {
    for (const [found] of text.matchAll(named)) {
      if (!await exists(found)) missing.push(`${path}: ${found}`);
    }
  }
  assert.deepEqual(missing, []);
});

Deno.test("every task that the docs name is there", async () => {
  const unknown: string[] = [];
  for (const { path, text } of await pages()) {
    for (const [, task = ""] of text.matchAll(/\btask ([a-z][\w:]*)/g)) {
      if (!Object.hasOwn(config.tasks, task)) unknown.push(`${path}: task ${task}`);
    }
  }
  assert.deepEqual(unknown, []);
});

Deno.test("every command of switchgear that the docs show is there", async () => {
  const commands = new Set<string>();
  for (const args of [["--help"], ["policy", "--help"]]) {
    const { status, stdout } = await run(args);
    assert.equal(status, 0);
    for (const [, name = ""] of stdout.matchAll(/^ {2}((?:policy )?[a-z-]+) /gm)) {
      commands.add(name);
    }
  }
  assert(commands.has("doctor") && commands.has("policy force-open"), [...commands].join());
  const unknown: string[] = [];
  for (const { path, text } of await pages()) {
    for (
      const [, name = ""] of text.matchAll(/(?:^|[$`] ?)switchgear ((?:policy )?[a-z-]+)\b(?!\|)/gm)
    ) {
      if (!commands.has(name)) unknown.push(`${path}: switchgear ${name}`);
    }
  }
  assert.deepEqual(unknown, []);
});

Deno.test("every entry point of deno.json stands in the README", async () => {
  const { text } = await readPage("README.md");
  for (const entry of Object.keys(config.exports)) {
    const name = entry === "." ? "jsr:@switchgear/breaker" : `@switchgear/breaker${entry.slice(1)}`;
    assert(text.includes(name), name);
  }
});

Deno.test("the changelog's newest version is that of deno.json", async () => {
  const { text } = await readPage("CHANGELOG.md");
  assert.equal(/^## \[(\d[^\]]*)\]/m.exec(text)?.[1], config.version);
});

Deno.test("the docs run one Deno, that of .ci/run", async () => {
  const ci = (await readPage(".ci/run")).text;
  const [used = ""] = /deno@[\d.]+\d/.exec(ci) ?? [];
  for (const { path, text } of await pages()) {
    for (const [named] of text.matchAll(/deno@[\d.]+\d/g)) assert.equal(named, used, path);
  }
});

Deno.test("the README compares the versions of the peers that run", async () => {
  const { text } = await readPage("README.md");
  const runs = await Promise.all(
    ["bench/peers.ts", "bench/peer_faults/contenders.ts", "bench/peer_faults/effect_subject.ts"]
      .map(readPage),
  );
  for (const peer of ["cockatiel", "effect", "mollitia", "opossum"]) {
    const [, named] = new RegExp(`\\| ${peer} ([\\d.]+) +\\|`).exec(text) ?? [];
    assert(named !== undefined, peer);
    const versions = runs.flatMap((page) => [
      ...page.text.matchAll(new RegExp(`npm:${peer}@([\\d.]+)`, "g")),
    ]).map(([, version]) => version);
    assert(versions.length >= 2, peer);
    assert.deepEqual(versions.filter((version) => version !== named), [], peer);
  }
});

Deno.test("what the README says that a call costs is what bench/RESULTS.md says", async () => {
  const { text } = await readPage("README.md");
  const results = (await readPage("bench/RESULTS.md")).text;
  const figures = (group: string, column: number): Map<string, string> =>
    new Map(tableAfter(results, group).map((row) => [row[0] ?? "", row[column] ?? ""]));
  const contenders = [
    "switchgear, consecutive",
    "cockatiel, consecutive",
    "effect, consecutive",
    "mollitia, count",
    "opossum, no timeout",
  ];
  const rows = tableAfter(text, "What it costs");
  const expected = [
    { group: "### closed, success\n", column: 3, names: contenders },
    { group: "### open, refused\n", column: 1, names: contenders },
    {
      group: "### bytes, used\n",
      column: 1,
      names: [
        "switchgear, of a provider",
        "cockatiel, consecutive",
        "effect, one key each",
        "mollitia, count",
        "opossum",
      ],
    },
  ];
  for (const [i, { group, column, names }] of expected.entries()) {
    const measured = figures(group, column);
    assert.deepEqual(rows[i]?.slice(1), names.map((name) => measured.get(name)), group);
  }
});

Deno.test("every metric that the docs name is exported", async () => {
  await using provider = await createProvider(getDefaultConfig("s", "production"), {
    backend: memoryBackend({}),
  });
  provider.getBreaker("b");
  const exported = prometheusText(provider);
  let seen = 0;
  for (const { path, text } of await pages()) {
    for (const [name] of text.matchAll(/\bswitchgear_(?:breaker|policy)_\w+/g)) {
      seen++;
      assert(exported.includes(`# TYPE ${name} `), `${path}: ${name}`);
    }
  }
  assert(seen > 5);
});

Deno.test("docs/rules.md has every rule, and every file of conformance cases", async () => {
  const { text } = await readPage("docs/rules.md");
  for (let rule = 1; rule <= 21; rule++) assert.match(text, new RegExp(`^### R${rule}\\b`, "m"));
  const cases = (await readdir(join(ROOT, "tests/conformance"))).filter((name) =>
    name.endsWith(".json")
  );
  assert(cases.length > 10);
  for (const file of cases) assert(text.includes(`\`${file}\``), file);
  for (const [, file = ""] of text.matchAll(/`(r\d\d_\w+\.json)`/g)) {
    assert(cases.includes(file), file);
  }
});
