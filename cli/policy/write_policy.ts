import { nearestName } from "../../src/check/nearest_name.ts";
import { InvalidPolicyError } from "../../src/errors.ts";
import { scopeOf } from "../../src/policy/document_name.ts";
import { DEFAULT_NAME } from "../../src/policy/name_group.ts";
import { parsePolicyText } from "../../src/policy/parse_policy.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { configCentre } from "../../src/provider/config_centre.ts";
import { counted } from "../fault_lines.ts";
import type { Paint } from "../paint.ts";
import { printable, printableName } from "../printable.ts";
import type { PolicyStore } from "../store/policy_store.ts";
import { Refusal } from "../store/refusal.ts";
import type { StoreReport } from "../store/store_command.ts";
import type { HeldPolicy, StoreState } from "../store/store_state.ts";
import {
  type Difference,
  differenceLines,
  differences,
  inherited,
  offInForce,
} from "./differences.ts";
import { plainFields } from "./plain_policy.ts";
import { requirePolicyName } from "./policy_name.ts";

/** A policy that is to be written over what was read. */
export interface PolicyChange {
  /** Its name: a breaker's, a group's or `default`. */
  readonly name: string;
  /** What was read, to compare with. */
  readonly state: StoreState;
  /** The policy to write. */
  readonly policy: Policy;
  /** Whether nothing is to be written, only shown. */
  readonly dryRun: boolean;
  /** Whether it is written whatever stands there by then. */
  readonly overwrite?: boolean;
}

/**
 * The policy in a document's text.
 *
 * @throws {Refusal} If the text is none.
 */
export function policyIn(subject: string, text: string): Policy {
  const result = parsePolicyText(text);
  if (result.ok) return result.policy;
  const message = `${subject} is no valid policy: ${counted(result.faults.length, "fault")}; ` +
    "nothing was written";
  throw new Refusal("invalid-policy", message, { subject, faults: result.faults });
}

/**
 * The policy that a change builds on; `{}` where there is none yet.
 *
 * @throws {Refusal} If what stands there is no valid policy, or none can be called so.
 */
export function policyToChange(name: string, held: HeldPolicy | undefined): Policy {
  requirePolicyName(name);
  if (held === undefined) return {};
  if (held.policy !== undefined) return held.policy;
  const message = `The policy of ${printableName(name)} that stands there is invalid, and cannot ` +
    'be changed in part; replace it by "policy put", or mend it by "policy edit"';
  throw new Refusal("invalid-policy", message, { subject: held.source, faults: held.faults });
}

/**
 * Writes a policy if its document is still what was read, and tells what becomes
 * different. `undefined`: somebody else was first.
 *
 * @throws {Refusal} If no policy can be called so, or it is no valid policy.
 */
export async function writePolicy(
  store: PolicyStore,
  change: PolicyChange,
  paint: Paint,
): Promise<StoreReport | undefined> {
  const { name, state, policy, dryRun, overwrite = false } = change;
  requirePolicyName(name);
  const held = state.find(name);
  const changes = differences(held?.policy ?? {}, policy);
  const isSame = held?.policy !== undefined && changes.length === 0;
  const isPut = !isSame && !dryRun;
  const revision = isPut ? await put(store, change, ownRevision(held), overwrite) : undefined;
  if (isPut && revision === undefined) return undefined;
  const inForce = differences(
    Object.fromEntries(plainFields(state.effective(name))),
    Object.fromEntries(plainFields(state.effective(name, policy))),
  );
  const warnings = state.warnings(name, policy);
  const notes = notesOf(change, held);
  const result = isPut
    ? `Written: revision ${revision}.`
    : isSame
    ? "Nothing to change."
    : "Nothing was written: --dry-run.";
  return {
    value: {
      name,
      written: isPut,
      dryRun,
      before: held === undefined ? null : { revision: held.revision, source: held.source },
      revision: revision ?? ownRevision(held) ?? null,
      changes,
      inForce,
      policy,
      warnings,
      notes,
    },
    lines: [
      headline(name, held),
      ...(changes.length === 0 ? [] : ["", ...differenceLines(changes, inherited, paint)]),
      ...(sameAs(changes, inForce) ? [] : ["", ...inForceLines(inForce, paint)]),
      ...(changes.length === 0 && inForce.length === 0 ? [] : [""]),
      paint("bold", result),
    ],
    notes: [...notes, ...warnings.map((warning) => `warning: ${warning}`)],
  };
}

/** The refusal where somebody else was first. */
export function lostRace(name: string): Refusal {
  return new Refusal(
    "lost-race",
    `The policy of ${printableName(name)} was changed by somebody else meanwhile; nothing was ` +
      "written. Look at it again",
  );
}

/** The revision to compare with; `undefined`: there must be no document. */
export function ownRevision(held: HeldPolicy | undefined): string | undefined {
  return held?.kind === "policy" ? held.revision : undefined;
}

async function put(
  { backend, prefix }: PolicyStore,
  { name, policy }: PolicyChange,
  revision: string | undefined,
  overwrite: boolean,
): Promise<string | undefined> {
  const centre = configCentre(backend, prefix);
  try {
    if (overwrite) return await centre.put(name, policy);
    return await centre.compareAndSet(name, policy, revision);
  } catch (error) {
    if (!(error instanceof InvalidPolicyError)) throw error;
    const { faults } = error;
    const message = "It is no valid policy; nothing was written";
    throw new Refusal("invalid-policy", message, { subject: printableName(name), faults });
  }
}

function headline(name: string, held: HeldPolicy | undefined): string {
  const where = held === undefined
    ? "it has no policy of its own yet"
    : `${printable(held.source)}, revision ${held.revision}`;
  return `${printableName(name)}: ${where}`;
}

function notesOf({ name, state, dryRun }: PolicyChange, held: HeldPolicy | undefined): string[] {
  const notes = [...state.notes, ...state.doubts()];
  if (held === undefined && name !== DEFAULT_NAME) {
    const nearest = nearestName(name, state.policies().map((policy) => policy.name));
    const hint = nearest === undefined ? "" : `; did you mean ${printableName(nearest)}?`;
    notes.push(`no policy was called ${printableName(name)} before${hint}`);
  }
  if (held?.kind === "collection") {
    const tense = dryRun ? "would win" : "wins";
    notes.push(`its entry in ${held.source} stays; a document of its own ${tense} over it`);
  }
  if (name === DEFAULT_NAME) notes.push("every policy inherits from default");
  if (scopeOf(name).kind === "group") {
    notes.push(
      `${printableName(name)} is a group: every breaker inherits from it whose name matches`,
    );
  }
  return notes;
}

function inForceLines(found: readonly Difference[], paint: Paint): string[] {
  if (found.length === 0) return ["In force nothing changes."];
  return ["In force with it:", "", ...differenceLines(found, offInForce, paint)];
}

function sameAs(changes: readonly Difference[], inForce: readonly Difference[]): boolean {
  return JSON.stringify(changes) === JSON.stringify(inForce);
}
