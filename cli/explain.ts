import { POLICY_FIELDS } from "../src/policy/fields.ts";
import { scopeOf } from "../src/policy/document_name.ts";
import { DEFAULT_NAME } from "../src/policy/name_group.ts";
import type { Policy } from "../src/policy/policy.ts";
import { resolvePolicy } from "../src/policy/resolve_policy.ts";
import type { Command, Invocation } from "./command.ts";
import { ENVIRONMENT_OPTION, environmentOf } from "./environment.ts";
import { explainPolicy, type Section } from "./explain_policy.ts";
import { counted, faultLines } from "./fault_lines.ts";
import { Heritage, type SharedPolicy } from "./heritage.ts";
import type { CliIo } from "./io.ts";
import { parseDocument, type PolicyDocument, readDocument } from "./policy_documents.ts";
import { printable } from "./printable.ts";
import { UsageError } from "./usage_error.ts";
import { wrap } from "./wrap.ts";

/** Lines are no longer than this, however wide the terminal: longer ones are hard to read. */
const MAX_WIDTH = 96;

/** `switchgear explain`: says in plain words what a policy does. */
export const EXPLAIN: Command = {
  name: "explain",
  summary: "say in plain words when a policy opens and closes",
  operands: "POLICY",
  options: {
    default: {
      type: "string",
      valueName: "FILE",
      description: "the default policy that it inherits from (default.json beside the file)",
    },
    env: ENVIRONMENT_OPTION,
  },
  details: [
    "POLICY is a file, - for the standard input, or the policy itself as JSON:",
    "",
    "  switchgear explain policies/payments.json",
    `  switchgear explain '{ "failureRateThreshold": 0.5, "timeout": "2s" }'`,
    "",
    "Of breakers.json every policy is explained. Beside the file also stands the group that it",
    "inherits from: tenant-%2A.json, the policy tenant-*, of every breaker whose name matches.",
    "Exit status: 0 explained, 1 the policy has faults, 2 wrong usage or it cannot be read.",
  ],
  run: async (invocation, io) => {
    const [operand, unexpected] = invocation.operands;
    if (operand === undefined) throw new UsageError("No policy given");
    if (unexpected !== undefined) {
      throw new UsageError(`Unexpected argument ${JSON.stringify(unexpected)}`);
    }
    const document = await documentOf(operand, io);
    if (reportsFaults(document, io)) return 1;
    const heritage = await heritageOf(invocation, operand, io);
    if (heritage === "faulty") return 1;
    const environment = environmentOf(invocation);
    const width = Math.min(io.terminal?.columns ?? MAX_WIDTH, MAX_WIDTH);
    for (const [name, policy] of document.policies) {
      const isGiven = name === DEFAULT_NAME && invocation.values.has("default");
      const above = isGiven && heritage.fallback ? [heritage.fallback] : heritage.above(name);
      const heading = [
        headingOf(document, name),
        `Its own: ${fieldNames(policy)}.`,
        ...inheritedLines(policy, above),
        `The rest: what holds in ${environment.name}.`,
      ];
      const inherited = above.map((shared) => shared.policy);
      const merged = resolvePolicy(environment.policy, ...inherited, policy);
      io.stdout(textOf(heading, explainPolicy(merged), width));
    }
    return 0;
  },
};

async function documentOf(operand: string, io: CliIo): Promise<PolicyDocument> {
  if (operand === "-") return parseDocument("standard input", await io.readStdin());
  if (/^\s*\{/.test(operand)) return parseDocument("command line", operand);
  return await readOrThrow(operand);
}

async function readOrThrow(file: string): Promise<PolicyDocument> {
  const document = await readDocument(file);
  if ("policies" in document) return document;
  throw new UsageError(document.message);
}

async function heritageOf(
  { values }: Invocation,
  operand: string,
  io: CliIo,
): Promise<Heritage | "faulty"> {
  const isFile = operand !== "-" && !/^\s*\{/.test(operand);
  const heritage = isFile ? await Heritage.beside(operand) : new Heritage();
  const file = values.get("default");
  if (file === undefined) return heritage;
  const document = await readOrThrow(file);
  if (reportsFaults(document, io)) return "faulty";
  const policy = document.kind === "policy"
    ? document.policies.get(document.name)
    : document.policies.get(DEFAULT_NAME);
  if (policy !== undefined) return heritage.withDefault(policy, file);
  throw new UsageError(`${file} holds no policy called "${DEFAULT_NAME}"`);
}

function reportsFaults({ file, faults }: PolicyDocument, io: CliIo): boolean {
  if (faults.length === 0) return false;
  const lines = faults.flatMap((fault) => faultLines(file, fault));
  io.stderr([...lines, counted(faults.length, "fault"), ""].join("\n"));
  return true;
}

function headingOf({ file, kind }: PolicyDocument, name: string): string {
  return kind === "collection" ? `Policy ${JSON.stringify(name)} in ${file}` : `Policy: ${file}`;
}

/** What comes from where, the nearest first. */
function inheritedLines(policy: Policy, above: readonly SharedPolicy[]): string[] {
  const nearer = [policy];
  return above.toReversed().map((shared) => {
    const isGroup = scopeOf(shared.name).kind === "group";
    const place = isGroup ? `${shared.file} (group ${printable(shared.name)})` : shared.file;
    const line = `From ${place}: ${fieldNames(shared.policy, nearer)}.`;
    nearer.push(shared.policy);
    return line;
  });
}

/** The fields that a policy sets, without those that `nearer` ones set too. */
function fieldNames(policy: Policy, nearer: readonly Policy[] = []): string {
  const names = Object.keys(POLICY_FIELDS)
    .filter((name) => name !== "$schema" && name !== "description")
    .filter((name) =>
      Object.hasOwn(policy, name) && !nearer.some((own) => Object.hasOwn(own, name))
    );
  return names.length === 0 ? "nothing" : names.join(", ");
}

function textOf(heading: readonly string[], sections: readonly Section[], width: number): string {
  const lines = heading.flatMap((line) => wrap(line, width));
  for (const { title, sentences } of sections) {
    lines.push("", title);
    for (const sentence of sentences) {
      lines.push(
        ...wrap(sentence, width - 4).map((line, at) => (at === 0 ? "  - " : "    ") + line),
      );
    }
  }
  return `${lines.join("\n")}\n\n`;
}
