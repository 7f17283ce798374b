import { ROOT_PATH } from "../../src/check/json_path.ts";
import { nameFault } from "../../src/policy/document_name.ts";
import { printableName } from "../printable.ts";
import { Refusal } from "../store/refusal.ts";

/**
 * Holds a name to what policies can be called.
 *
 * @throws {Refusal} If no policy can be called so.
 */
export function requirePolicyName(name: string): void {
  const fault = nameFault(name, ROOT_PATH);
  if (fault === undefined) return;
  const subject = printableName(name);
  throw new Refusal("invalid-policy", `No policy can be called ${subject}`, {
    subject,
    faults: [fault],
  });
}
