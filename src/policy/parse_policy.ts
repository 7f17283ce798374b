import { describeValue } from "../check/describe_value.ts";
import type { Fault } from "../check/fault.ts";
import { fieldPath, ROOT_PATH } from "../check/json_path.ts";
import { InvalidPolicyError } from "../errors.ts";
import { checkObject, isRecord } from "./check_policy.ts";
import { nameFault } from "./document_name.ts";
import { POLICY_FIELDS } from "./fields.ts";
import { scanJson } from "./json_scan.ts";
import type { Policy } from "./policy.ts";

const BYTE_ORDER_MARK = "\ufeff";

/** A document that was refused whole. */
export interface PolicyRefusal {
  /** Whether the document is valid. */
  readonly ok: false;
  /** Everything that is wrong with it. */
  readonly faults: readonly Fault[];
}

/** What {@linkcode parsePolicy} makes of a document: a policy, or everything that is wrong with it. */
export type PolicyResult =
  | {
    /** Whether the document is valid. */
    readonly ok: true;
    /** The policy, frozen, as it was written: no default filled in. */
    readonly policy: Policy;
  }
  | PolicyRefusal;

/** What {@linkcode parseCollectionText} makes of a document: policies by breaker name, or everything that is wrong. */
export type CollectionResult =
  | {
    /** Whether the document is valid. */
    readonly ok: true;
    /** Each policy, frozen, by its name: that of a breaker, or of a group. */
    readonly policies: ReadonlyMap<string, Policy>;
  }
  | PolicyRefusal;

/**
 * Checks a policy document. Every fault is listed, not only the first. Only
 * own fields are looked at, and the policy handed back is a frozen copy.
 *
 * @example Usage
 * ```ts
 * import { parsePolicy } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const result = parsePolicy({ failureTreshold: 3 });
 * assert(!result.ok);
 * assert.equal(result.faults[0]?.suggestion, "failureThreshold");
 * ```
 *
 * @param value The document, as `JSON.parse` gives it.
 * @returns The policy or its faults.
 */
export function parsePolicy(value: unknown): PolicyResult {
  const faults: Fault[] = [];
  const policy = checkPolicy(value, ROOT_PATH, faults);
  return faults.length === 0 ? { ok: true, policy } : { ok: false, faults };
}

/**
 * Checks the JSON text of a policy document. Besides what
 * {@linkcode parsePolicy} refuses, text that is no JSON is a fault with its
 * line and column, and so is a field that stands twice. A leading byte order
 * mark is skipped.
 *
 * @example Usage
 * ```ts
 * import { parsePolicyText } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const result = parsePolicyText(`{"timeout": "2s", "timeout": "3s"}`);
 * assert.equal(result.ok, false);
 * if (!result.ok) console.log(result.faults.map(({ message }) => message).join("\n"));
 * ```
 *
 * @param text The text of one document, such as `payments.json`.
 * @returns The policy or its faults.
 */
export function parsePolicyText(text: string): PolicyResult {
  const json = readJson(text);
  if ("syntax" in json) return { ok: false, faults: [json.syntax] };
  const faults = json.repeated;
  const policy = checkPolicy(json.value, ROOT_PATH, faults);
  return faults.length === 0 ? { ok: true, policy } : { ok: false, faults };
}

/**
 * Checks the JSON text of a collection, `breakers.json`: one object of name to
 * policy document. A name is that of a breaker, or of a group such as
 * `tenant-*`; a literal `*` in it is written `**`. A text under `$schema` is
 * for editors and ignored.
 *
 * @example Usage
 * ```ts
 * import { parseCollectionText } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const result = parseCollectionText(`{"users": {"timeout": "2s"}, "payments": {}}`);
 * assert(result.ok);
 * assert.deepEqual([...result.policies.keys()], ["users", "payments"]);
 * ```
 *
 * @param text The text of the whole collection.
 * @returns Every policy by name, or the faults of all of them.
 */
export function parseCollectionText(text: string): CollectionResult {
  const json = readJson(text);
  if ("syntax" in json) return { ok: false, faults: [json.syntax] };
  const faults = json.repeated;
  const policies = new Map<string, Policy>();
  if (isRecord(json.value)) {
    for (const [name, document] of Object.entries(json.value)) {
      if (name === "$schema" && typeof document === "string") continue;
      const path = fieldPath(ROOT_PATH, name);
      const misnamed = nameFault(name, path);
      if (misnamed !== undefined) faults.push(misnamed);
      policies.set(name, checkPolicy(document, path, faults));
    }
  } else {
    const found = describeValue(json.value);
    const allowed = "an object of breaker name to policy";
    faults.push({
      path: ROOT_PATH,
      found,
      allowed,
      message: `${ROOT_PATH} must be ${allowed}; found ${found}`,
    });
  }
  return faults.length === 0 ? { ok: true, policies } : { ok: false, faults };
}

/**
 * Checks a policy that a program was given in code.
 *
 * @param subject What the policy is called in the error's message.
 * @param value The document.
 * @returns A frozen copy of the policy.
 * @throws {InvalidPolicyError} if anything is wrong with it, with every fault.
 */
export function assertPolicy(subject: string, value: unknown): Policy {
  const result = parsePolicy(value);
  if (!result.ok) throw new InvalidPolicyError(subject, result.faults);
  return result.policy;
}

/** The policy in `value`, which is one only if no fault was added. */
function checkPolicy(value: unknown, path: string, faults: Fault[]): Policy {
  return checkObject(value, path, { fields: POLICY_FIELDS, nullable: true }, faults);
}

function readJson(text: string): { syntax: Fault } | { value: unknown; repeated: Fault[] } {
  const json = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  const scan = scanJson(json);
  if (scan.valid) {
    const repeated = scan.repeated.map(({ path, position }) => {
      const found = `a second time at line ${position.line}, column ${position.column}`;
      return { path, found, allowed: "once", message: `${path} must stand once; found ${found}` };
    });
    return { value: JSON.parse(json), repeated };
  }
  const place = `line ${scan.position.line}, column ${scan.position.column}`;
  const syntax = {
    path: ROOT_PATH,
    found: `${scan.found} at ${place}`,
    allowed: scan.allowed,
    message: `${ROOT_PATH} is no JSON: found ${scan.found} at ${place}; allowed: ${scan.allowed}`,
  };
  return { syntax };
}
