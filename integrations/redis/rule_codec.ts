import type { WritableConfigBackend } from "../../src/provider/backend.ts";
import { ConfigCentre } from "../../src/provider/config_centre.ts";
import type { ConfigCodec } from "../../src/provider/config_codec.ts";
import { type LimitRule, parseRuleText } from "./limit_rule.ts";
import { InvalidRuleError } from "./rule_errors.ts";

/** Rule documents. */
export const RULE_CODEC: ConfigCodec<LimitRule> = {
  parse(subject: string, text: string): LimitRule {
    const result = parseRuleText(text);
    if (!result.ok) throw new InvalidRuleError(subject, result.faults);
    return result.rule;
  },
  format: (rule: LimitRule): string => JSON.stringify(rule, undefined, 2) + "\n",
};

/**
 * The rules of a backend under a path, to read, write and watch. What is written is checked first.
 *
 * @example Usage
 * ```ts
 * import { ruleCentre } from "@switchgear/breaker/redis";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import assert from "node:assert/strict";
 *
 * const centre = ruleCentre(memoryBackend(), "/config/prod/im-gateway/limits/");
 * await centre.put("logins", { rate: 5, capacity: 10, onFailure: "refuse" });
 * assert.equal((await centre.get("logins"))?.value?.rate, 5);
 * await assert.rejects(centre.put("logins", { rate: 0, capacity: 10 }), { code: "INVALID_RULE" });
 * ```
 *
 * @param backend Where the rules are.
 * @param path Prefix of the rules in a key-value backend; a file backend's folder is its own root.
 * @returns What reads, writes and watches them.
 */
export function ruleCentre(backend: WritableConfigBackend, path: string): ConfigCentre<LimitRule> {
  return new ConfigCentre(backend, path, RULE_CODEC);
}
