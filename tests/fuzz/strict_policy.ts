import { goParseDuration } from "../properties/go_duration.ts";

/**
 * Whether a text is a valid policy document, decided from the table of DESIGN.md
 * alone: the field's rule, nothing else, each name once.
 */
export function isPolicyText(text: string): boolean {
  const json = readOnce(text);
  return json !== undefined && isPolicy(json.value);
}

/** Whether a text is a valid collection. */
export function isCollectionText(text: string): boolean {
  const json = readOnce(text);
  if (json === undefined || !isObject(json.value)) return false;
  return Object.entries(json.value).every(([name, policy]) =>
    isPolicy(policy) || (name === "$schema" && typeof policy === "string")
  );
}

type Rule = (value: unknown) => boolean;

const whole = (min: number, max: number): Rule => (value) =>
  typeof value === "number" && value % 1 === 0 && value >= min && value <= max;
const within = (min: number, max: number): Rule => (value) =>
  typeof value === "number" && value >= min && value <= max;
const count = whole(1, 2 ** 53 - 1);
const rate: Rule = (value) => typeof value === "number" && value > 0 && value <= 1;
const factor = within(1, Number.MAX_VALUE);
const text: Rule = (value) => typeof value === "string";
const word = (...words: string[]): Rule => (value) => words.some((each) => each === value);

const YEAR_MS = 365 * 86_400_000;

const duration: Rule = (value) => {
  if (typeof value === "number") return value * 1e6 >= 0.5 && value <= YEAR_MS;
  if (typeof value !== "string" || value.length > 256) return false;
  const ns = goParseDuration(value);
  // It is judged as it is held, in a number of milliseconds, which at a year has steps of 4 ns.
  return ns !== undefined && ns > 0n && Number(ns) / 1e6 <= YEAR_MS;
};

const object = (fields: Readonly<Record<string, Rule>>, required: readonly string[]): Rule => {
  const rules = new Map(Object.entries(fields));
  return (value) =>
    isObject(value) && required.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, inner]) => rules.get(name)?.(inner) ?? false);
};

const countWindow = object({ kind: word("count"), size: whole(1, 10_000_000) }, ["kind"]);
const timeWindow = object({ kind: word("time"), duration, buckets: whole(1, 3_600) }, ["kind"]);

const RULES: ReadonlyMap<string, Rule> = new Map(Object.entries({
  failureThreshold: whole(0, 2 ** 53 - 1),
  failureThresholdWithin: duration,
  failureCountThreshold: whole(0, 2 ** 53 - 1),
  successThreshold: count,
  openStateTimeout: duration,
  window: (value: unknown) => countWindow(value) || timeWindow(value),
  minimumCalls: count,
  failureRateThreshold: rate,
  slowCallRateThreshold: rate,
  timeoutRateThreshold: rate,
  slowCallThreshold: duration,
  timeout: duration,
  halfOpen: object({ maxProbes: count, probeTimeout: duration }, []),
  openBackoff: object({ multiplier: factor, maxTimeout: duration, jitter: within(0, 1) }, []),
  ramp: object({ calls: count, per: duration, growth: factor, steps: count }, ["calls", "per"]),
  maxHold: duration,
  mode: word("normal", "disabled", "forced-open", "metrics-only"),
  $schema: text,
  description: text,
}));

function isPolicy(value: unknown): boolean {
  return isObject(value) && Object.entries(value).every(([name, inner]) => {
    const rule = RULES.get(name);
    return rule !== undefined && (inner === null || rule(inner));
  });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a text is as JSON, less a byte order mark; `undefined`: it is none, or a name stands twice. */
function readOnce(document: string): { value: unknown } | undefined {
  const json = document.replace(/^\ufeff/, "");
  try {
    const value: unknown = JSON.parse(json);
    return namesTwice(json) ? undefined : { value };
  } catch {
    return undefined;
  }
}

/** Whether in some object of a valid JSON text a name stands twice. */
function namesTwice(json: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  for (
    const [token, name] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[[\]{}]/gs)
  ) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (name !== undefined) {
      const key: string = JSON.parse(name);
      const names = open.at(-1);
      if (names?.has(key)) return true;
      names?.add(key);
    }
  }
  return false;
}
