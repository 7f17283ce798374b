import { goParseDuration } from "./go_duration.ts";

type Document = Readonly<Record<string, unknown>>;

/** What holds without any document (DESIGN.md, section 4: the table of fields). */
const BASE: Document = {
  failureThreshold: 5,
  successThreshold: 2,
  openStateTimeout: "1m",
  window: { kind: "count", size: 100 },
  minimumCalls: 20,
  maxHold: "5m",
  mode: "normal",
};

/** What each nested object holds where it leaves a field out. */
const INSIDE: Readonly<Record<string, Document>> = {
  count: { size: 100 },
  time: { duration: "10s", buckets: 10 },
  openBackoff: { multiplier: 2, maxTimeout: "10m", jitter: 0 },
  ramp: { growth: 2, steps: 4 },
};

const DURATIONS = [
  ...["openStateTimeout", "slowCallThreshold", "timeout", "duration", "probeTimeout"],
  ...["maxTimeout", "per", "failureThresholdWithin", "maxHold"],
];

/**
 * The policy in force by the rules of the table, worked out field by field on
 * plain objects: the environment's default, then `default.json`, then the named
 * document. A `null` turns an optional field off, `failureThreshold` to 0, and
 * takes a field that always has a value back to the environment's.
 */
export function mergedByHand(environment: Document, ...documents: Document[]): Document {
  const lowest: Record<string, unknown> = { ...BASE };
  for (const [name, value] of Object.entries(environment)) {
    if (value === null && name === "failureThreshold") lowest[name] = 0;
    else if (value !== null) lowest[name] = value;
  }
  let merged: Record<string, unknown> = { ...lowest };
  for (const document of documents) {
    for (const [name, value] of Object.entries(document)) {
      if (value !== null) merged[name] = value;
      else if (name === "failureThreshold") merged[name] = 0;
      else if (name in BASE || name === "halfOpen") merged = { ...merged, [name]: lowest[name] };
      else delete merged[name];
    }
  }
  if (merged["failureCountThreshold"] === 0) delete merged["failureCountThreshold"];
  delete merged["$schema"];
  delete merged["description"];
  merged["halfOpen"] = {
    ...(merged["ramp"] === undefined && { maxProbes: 1 }),
    ...fieldsOf(merged["halfOpen"]),
  };
  for (const [name, value] of Object.entries(merged)) {
    if (typeof value === "object") {
      const inside = fieldsOf(value);
      const kind = name === "window" ? String(inside["kind"]) : name;
      merged[name] = inMilliseconds({ ...INSIDE[kind], ...inside });
    }
  }
  return inMilliseconds(merged);
}

function fieldsOf(value: unknown): Document {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function inMilliseconds(document: Document): Document {
  const entries = Object.entries(document).map(([name, value]) => {
    if (typeof value !== "string" || !DURATIONS.includes(name)) return [name, value];
    return [name, Number(goParseDuration(value)) / 1e6];
  });
  return Object.fromEntries(entries);
}
