import type { Fault } from "../src/check/fault.ts";
import type { Policy } from "../src/policy/policy.ts";
import type { Command } from "./command.ts";
import { ENVIRONMENT_OPTION, environmentOf } from "./environment.ts";
import { counted, faultLines } from "./fault_lines.ts";
import { Heritage } from "./heritage.ts";
import { byFolder, judgeDocuments, type Warning } from "./judge_documents.ts";
import {
  type PolicyDocument,
  policyFiles,
  readDocument,
  type Unreadable,
} from "./policy_documents.ts";
import { UsageError } from "./usage_error.ts";

/** What was found about one document. */
interface Finding {
  readonly file: string;
  readonly kind: PolicyDocument["kind"];
  readonly breakers: readonly string[];
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
}

interface Findings {
  readonly documents: readonly Finding[];
  readonly unreadable: readonly Unreadable[];
  readonly counts: {
    readonly documents: number;
    readonly policies: number;
    readonly faults: number;
    readonly warnings: number;
    readonly unreadable: number;
  };
}

/** `switchgear validate`: lists everything that is wrong with policy files. */
export const VALIDATE: Command = {
  name: "validate",
  summary: "check policy files and list everything that is wrong with them",
  operands: "FILE|FOLDER …",
  options: {
    json: { type: "boolean", description: "print the findings as one JSON object" },
    env: ENVIRONMENT_OPTION,
  },
  details: [
    "Of a folder, the files that a file backend reads are checked: NAME.json, not hidden, not",
    "in folders below. breakers.json holds one object of name to policy, default.json the policy",
    "that the others inherit from, tenant-%2A.json that of a group, tenant-*. Warnings name what can",
    "never act in a policy once it is merged with the default and the group beside it; they leave",
    "the exit status alone.",
    "",
    "Exit status: 0 no fault, 1 at least one, 2 wrong usage, a path that cannot be read, or",
    "a folder without policy files.",
  ],
  run: async (invocation, io) => {
    if (invocation.operands.length === 0) throw new UsageError("No file or folder given");
    const findings = await validate(invocation.operands, environmentOf(invocation).policy);
    if (invocation.flags.has("json")) io.stdout(`${JSON.stringify(findings, null, 2)}\n`);
    else io.stdout(findingLines(findings).map((line) => `${line}\n`).join(""));
    for (const { message } of findings.unreadable) io.stderr(`switchgear validate: ${message}\n`);
    if (findings.counts.unreadable > 0) return 2;
    return findings.counts.faults > 0 ? 1 : 0;
  },
};

async function validate(paths: readonly string[], environment: Policy): Promise<Findings> {
  const { files, unreadable } = await policyFiles(paths);
  const read: (PolicyDocument | Unreadable)[] = [];
  for (const file of files) read.push(await readDocument(file));
  const documents = read.filter((document) => "policies" in document);
  const findings: Finding[] = [];
  for (const group of byFolder(documents).values()) {
    const heritage = group[0] ? await Heritage.beside(group[0].file) : new Heritage();
    const warnings = judgeDocuments(group, { environment, heritage });
    findings.push(...group.map((document) => findingOf(document, warnings.get(document.file))));
  }
  const unread = [...unreadable, ...read.filter((document) => "reason" in document)];
  return {
    documents: findings,
    unreadable: unread,
    counts: {
      documents: findings.length,
      policies: sum(findings, ({ breakers }) => breakers.length),
      faults: sum(findings, ({ faults }) => faults.length),
      warnings: sum(findings, ({ warnings }) => warnings.length),
      unreadable: unread.length,
    },
  };
}

function findingOf(document: PolicyDocument, warnings: readonly Warning[] = []): Finding {
  const { file, kind, faults, policies } = document;
  return { file, kind, breakers: [...policies.keys()], faults, warnings };
}

function findingLines({ documents, counts }: Findings): string[] {
  const lines = documents.flatMap(({ file, faults, warnings }) => [
    ...faults.flatMap((fault) => faultLines(file, fault)),
    ...warnings.map(({ breaker, message }) => {
      const about = breaker === undefined ? "" : ` (${JSON.stringify(breaker)})`;
      return `${file}: warning${about}: ${message}`;
    }),
  ]);
  const checked = `${counted(counts.documents, "document")} with ` +
    `${counted(counts.policies, "valid policy", "valid policies")} checked`;
  const unread = counts.unreadable > 0 ? `, ${counts.unreadable} not read` : "";
  return [
    ...lines,
    `${checked}: ${counted(counts.faults, "fault")}, ` +
    `${counted(counts.warnings, "warning")}${unread}`,
  ];
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
