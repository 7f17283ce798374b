/** Holds what the docs say to the code: size, links, paths, tasks, commands, versions, metrics, rules. */
import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { memoryBackend } from "../backends/memory.ts";
import config from "../deno.json" with { type: "json" };
import { prometheusText } from "../integrations/prometheus/mod.ts";
import { createProvider, getDefaultConfig } from "../mod.ts";
import { run } from "./cli/captured_io.ts";
import { readPage, readPages, ROOT } from "./docs_pages.ts";

async function exists(path: string): Promise<boolean> {
  return await stat(join(ROOT, path)).then(() => true, () => false);
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

Deno.test("the README is read in a few minutes: it holds at most 250 lines", async () => {
  const lines = (await readPage("README.md")).text.trimEnd().split("\n").length;
  assert(lines <= 250, `${lines} lines`);
});

Deno.test("a terminal of 120 columns shows every line of the docs", async () => {
  const wide: string[] = [];
  for (const { path, text } of await readPages()) {
    for (const [i, line] of text.split("\n").entries()) {
      // Where a link leads to cannot be broken into lines.
      const columns = [...line.replaceAll(/\]\([^)\s]+\)/g, "]")].length;
      if (columns > 120) wide.push(`${path}:${i + 1}: ${columns} columns`);
    }
  }
  assert.deepEqual(wide, []);
});

Deno.test("every relative link of the docs leads somewhere, its anchor too", async () => {
  const broken: string[] = [];
  let seen = 0;
  for (const { path, text } of await readPages()) {
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
    /(?<![\w/.-])(?:src|etcd|coord|fleet|lab|ops|backends|integrations|cli|examples|tests|bench|docs)\/[\w./-]*\w/g;
  for (const { path, text } of await readPages()) {
    for (const [found] of text.matchAll(named)) {
      if (!await exists(found)) missing.push(`${path}: ${found}`);
    }
  }
  assert.deepEqual(missing, []);
});

Deno.test("every task that the docs name is there", async () => {
  const unknown: string[] = [];
  for (const { path, text } of await readPages()) {
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
  for (const { path, text } of await readPages()) {
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
  for (const { path, text } of await readPages()) {
    for (const [named] of text.matchAll(/deno@[\d.]+\d/g)) assert.equal(named, used, path);
  }
});

Deno.test("every metric that the docs name is exported", async () => {
  await using provider = await createProvider(getDefaultConfig("s", "production"), {
    backend: memoryBackend({}),
  });
  provider.getBreaker("b");
  const exported = prometheusText(provider);
  let seen = 0;
  for (const { path, text } of await readPages()) {
    for (const [name] of text.matchAll(/\bswitchgear_(?:breaker|policy)_\w+/g)) {
      seen++;
      assert(exported.includes(`# TYPE ${name} `), `${path}: ${name}`);
    }
  }
  assert(seen > 5);
});

Deno.test("docs/rules.md has every rule that the docs name, and every file of conformance cases", async () => {
  const { text } = await readPage("docs/rules.md");
  const headings = new Set([...text.matchAll(/^### (R\d+)\b/gm)].map(([, rule]) => rule));
  for (let rule = 1; rule <= 24; rule++) assert(headings.has(`R${rule}`), `R${rule}`);
  for (const page of await readPages()) {
    for (const [rule] of page.text.matchAll(/\bR\d+\b/g)) {
      assert(headings.has(rule), `${page.path}: ${rule}`);
    }
  }
  const cases = (await readdir(join(ROOT, "tests/conformance"))).filter((name) =>
    name.endsWith(".json")
  );
  assert(cases.length > 10);
  for (const file of cases) assert(text.includes(`\`${file}\``), file);
  for (const [, file = ""] of text.matchAll(/`(r\d\d_\w+\.json)`/g)) {
    assert(cases.includes(file), file);
  }
});
