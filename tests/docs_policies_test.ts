/** Holds docs/policies.md to the code: every field with its range and default, and every example. */
import assert from "node:assert/strict";
import { DEVELOPMENT_POLICY, parsePolicyText } from "../mod.ts";
import type { Field, Fields, NumberType } from "../src/policy/field.ts";
import { POLICY_FIELDS } from "../src/policy/fields.ts";
import { run } from "./cli/captured_io.ts";
import { codeBlocks, listItems, readPage, readPages } from "./docs_pages.ts";

/** One field as the page describes it: `name` (range; default): meaning. */
interface FieldText {
  readonly range: string;
  readonly standard: string;
  readonly meaning: string;
}

/** The fields that the page describes, by path. */
async function describedFields(): Promise<Map<string, FieldText>> {
  const { text } = await readPage("docs/policies.md");
  const described = new Map<string, FieldText>();
  for (const item of listItems(text, "## Fields")) {
    const [, names = "", range = "", standard = "", meaning = ""] =
      /^((?:`[^`]+`(?:, )?)+) \(([^;]+); ([^)]+)\): (.+)$/.exec(item) ?? [];
    assert(names !== "", `a field is written as its name, range, default and meaning: ${item}`);
    for (const [, name = ""] of names.matchAll(/`([^`]+)`/g)) {
      assert(!described.has(name), `${name} is described once`);
      described.set(name, { range: range.replaceAll("`", ""), standard, meaning });
    }
  }
  return described;
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
  const hasMax = max !== undefined && max !== Number.MAX_SAFE_INTEGER;
  const range = above === undefined
    ? `from ${min}${hasMax ? ` to ${max}` : ""}`
    : `above ${above}${hasMax ? `, at most ${max}` : ""}`;
  return kind === "integer" ? `integer ${range}` : range;
}

/** What the page may say of a field's default. */
function defaultsOf(path: string, field: Field): string[] {
  if (field.required === true) return ["required"];
  if (field.default === undefined) {
    if (path === "halfOpen") return ["the defaults of its fields"];
    if (path === "halfOpen.probeTimeout") return ["the policy's `openStateTimeout`"];
    return ["off"];
  }
  const standard = `default \`${JSON.stringify(field.default)}\``;
  if (path !== "openStateTimeout") return [standard];
  return [`${standard}, in development \`${JSON.stringify(DEVELOPMENT_POLICY.openStateTimeout)}\``];
}

Deno.test("docs/policies.md describes each field of a policy, with its range and default", async () => {
  const described = await describedFields();
  const fields = allFields(POLICY_FIELDS);
  assert.deepEqual([...described.keys()].sort(), fields.map(([path]) => path).sort());
  for (const [path, field] of fields) {
    const { range, standard, meaning } = described.get(path) ?? assert.fail(path);
    assert.equal(range, rangeOf(field.type), `range of ${path}`);
    assert(defaultsOf(path, field).includes(standard), `default of ${path}: ${standard}`);
    if (field.type.kind === "choice") {
      for (const value of field.type.values) assert(meaning.includes(`\`${value}\``), value);
    }
  }
});

Deno.test("every policy that the docs show in JSON is valid", async () => {
  let seen = 0;
  for (const { path, text } of await readPages()) {
    for (const policy of codeBlocks(text, "json")) {
      seen++;
      assert.deepEqual(parsePolicyText(policy).ok, true, `${path}: ${policy}`);
    }
  }
  assert(seen >= 4, `${seen} policies`);
});

Deno.test("docs/policies.md explains its first policy as switchgear explain does", async () => {
  const { text } = await readPage("docs/policies.md");
  const [policy = ""] = codeBlocks(text, "json");
  const [explained = ""] = codeBlocks(text, "text");
  const { status, stdout } = await run(["explain", policy]);
  assert.equal(status, 0);
  assert(stdout.includes(explained), stdout);
});
