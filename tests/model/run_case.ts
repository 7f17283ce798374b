import { assertPolicy, parsePolicy } from "../../src/policy/parse_policy.ts";
import type { EffectivePolicy } from "../../src/policy/policy.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";
import type { ConformanceCase, Step } from "./conformance_case.ts";
import { Model } from "./model.ts";
import type { Observation, Outcome } from "./observation.ts";

/** A step at which the model and a case disagree. */
export interface Disagreement {
  /** Index of the step, from 0. */
  readonly step: number;
  /** What was expected and what the model gives. */
  readonly what: string;
}

/**
 * Runs a case on the model up to the first step at which they disagree. A
 * value that the rules leave open agrees with nothing, so that no case tests
 * one.
 */
export function runCase({ policy, steps }: ConformanceCase): Disagreement | undefined {
  const run = new Run(policy);
  for (const [index, step] of steps.entries()) {
    const what = run.take(step);
    if (what !== undefined) return { step: index, what };
  }
  return undefined;
}

class Run {
  readonly #model: Model;
  readonly #ids = new Map<string, number>();
  #draws: number[] = [0];

  constructor(policy: unknown) {
    this.#model = new Model(effective(policy), { random: () => this.#draw() });
  }

  take(step: Step): string | undefined {
    const model = this.#model;
    switch (step.kind) {
      case "begin":
        return this.#begin(step);
      case "settle":
        return this.#settle(step.id, step.as, step.holdAfterMs);
      case "call":
        return this.#call(step);
      case "advance":
        return void model.advance(step.ms);
      case "policy":
        return this.#policy(step.document, step.invalid);
      case "mode":
        return void model.override(step.mode);
      case "reset":
        return void model.reset();
      case "restore":
        return void this.#restore(step);
      case "hold":
        return void model.hold(step.ms, step.owner);
      case "release":
        return void model.release(step.owner);
      case "trip":
        return void model.tripNow();
      case "random":
        this.#draws = [...step.draws];
        return undefined;
      case "expect":
        return differences(step.values, model.observe());
    }
  }

  #draw(): number {
    const [first = 0, ...rest] = this.#draws;
    if (rest.length > 0) this.#draws = rest;
    return first;
  }

  #begin(
    { id, admitted, reason }: Pick<Extract<Step, { kind: "begin" }>, "id" | "admitted" | "reason">,
  ): string | undefined {
    if (this.#ids.has(id)) return `"${id}" was begun already`;
    const admission = this.#model.begin();
    if (admission.admitted !== admitted) return `admitted is ${admission.admitted}`;
    if (admission.admitted) this.#ids.set(id, admission.id);
    else if (reason !== undefined && reason !== admission.reason) {
      return `reason is ${admission.reason}, expected ${reason}`;
    }
    return undefined;
  }

  #settle(id: string, as: Outcome, holdAfterMs: number): string | undefined {
    const call = this.#ids.get(id);
    if (call === undefined) return `"${id}" is not in flight`;
    this.#ids.delete(id);
    this.#model.settle(call, as, { holdAfterMs });
    return undefined;
  }

  #call(
    { as, admitted, reason, tookMs, times, holdAfterMs }: Extract<Step, { kind: "call" }>,
  ): string | undefined {
    for (let time = 0; time < times; time++) {
      const id = `call ${time}`;
      const refused = this.#begin({ id, admitted, ...(reason !== undefined && { reason }) });
      if (refused !== undefined) return refused;
      if (!admitted) continue;
      if (tookMs !== 0) this.#model.advance(tookMs);
      const unsettled = this.#settle(id, as, holdAfterMs);
      if (unsettled !== undefined) return unsettled;
    }
    return undefined;
  }

  #restore({ ageMs, document }: Extract<Step, { kind: "restore" }>): void {
    if (document === undefined) this.#model.restore({ ageMs });
    else this.#model.restore({ ageMs, policy: effective(document) });
  }

  #policy(document: unknown, invalid: boolean): string | undefined {
    const result = parsePolicy(document);
    if (result.ok === invalid) return invalid ? "the policy is valid" : "the policy is invalid";
    if (result.ok) this.#model.setPolicy(resolvePolicy(result.policy));
    return undefined;
  }
}

function effective(document: unknown): EffectivePolicy {
  return resolvePolicy(assertPolicy("of the case", document));
}

function differences(
  expected: Readonly<Record<string, unknown>>,
  observed: Observation,
): string | undefined {
  const seen: Record<string, unknown> = { ...observed };
  const different = Object.entries(expected)
    .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(certain(key, seen[key])))
    .map(([key, value]) =>
      `${key} is ${JSON.stringify(seen[key])}, expected ${JSON.stringify(value)}`
    );
  return different.length === 0 ? undefined : different.join("; ");
}

/** The one value that is allowed, or `undefined`, which no case can expect. */
function certain(key: string, value: unknown): unknown {
  if (key === "trippedBy" && Array.isArray(value)) {
    return value.length > 1 ? undefined : value[0] ?? null;
  }
  if (typeof value === "object" && value !== null && "min" in value && "max" in value) {
    return value.min === value.max ? value.min : undefined;
  }
  return value;
}
