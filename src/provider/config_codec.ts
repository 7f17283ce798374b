import { ROOT_PATH } from "../check/json_path.ts";
import { InvalidPolicyError } from "../errors.ts";
import { nameFault } from "../policy/document_name.ts";
import { parsePolicyText } from "../policy/parse_policy.ts";
import type { Policy } from "../policy/policy.ts";

/** How documents are read and written. */
export interface ConfigCodec<T> {
  /**
   * The value in a document's text.
   *
   * @param subject What the document is called in an error's message.
   * @throws If the text is invalid; the error says what is wrong with it.
   */
  parse(subject: string, text: string): T;
  /** The text of a value. */
  format(value: T): string;
  /**
   * Says by throwing that no document may be called `name`. Absent: any name will do.
   *
   * @throws If `name` is no name of a document; the error says what is wrong with it.
   */
  checkName?(name: string): void;
}

/** Policy documents. */
export const POLICY_CODEC: ConfigCodec<Policy> = {
  parse(subject: string, text: string): Policy {
    const result = parsePolicyText(text);
    if (!result.ok) throw new InvalidPolicyError(subject, result.faults);
    return result.policy;
  },
  format: (policy: Policy): string => JSON.stringify(policy, undefined, 2) + "\n",
  checkName(name: string): void {
    const misnamed = nameFault(name, ROOT_PATH);
    if (misnamed !== undefined) throw new InvalidPolicyError(`of "${name}"`, [misnamed]);
  },
};
