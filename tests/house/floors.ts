/** Folders, or files, that stand side by side. */
export type Floor = readonly string[];

/**
 * The floors of the house, the top one first: a file imports from its own floor
 * and from those below it, also where it imports only a type. Of two floors
 * that a path begins with, it stands on the one with the longer name; a name
 * without a slash at its end is a file's.
 */
export const FLOORS: readonly Floor[] = [
  ["cli/", "examples/"],
  ["ops/"],
  ["lab/"],
  ["fleet/"],
  ["integrations/"],
  ["integrations/rpc/", "integrations/telemetry/"],
  ["backends/", "coord/"],
  ["etcd/"],
  ["src/testing/"],
  ["src/provider/"],
  ["src/patterns/compose/"],
  [
    "src/patterns/bulkhead/",
    "src/patterns/cache/",
    "src/patterns/fallback.ts",
    "src/patterns/hedge/",
    "src/patterns/pool/",
    "src/patterns/rate_limit/",
    "src/patterns/retry/",
    "src/patterns/timeout/",
  ],
  ["src/patterns/"],
  ["src/breaker/"],
  ["src/breaker/snapshot/"],
  ["src/breaker/state/"],
  ["src/breaker/host/"],
  ["src/breaker/events/"],
  ["src/breaker/trip/"],
  ["src/breaker/window/"],
  ["src/policy/"],
  [
    "src/call/",
    "src/check/",
    "src/collections/",
    "src/emitter.ts",
    "src/error_kind.ts",
    "src/errors.ts",
    "src/log.ts",
    "src/time/",
  ],
];

/** Each top folder of the house, without `src`, which is every program's. */
export const TOP_ROOMS: readonly string[] = [
  ...new Set(FLOORS.flat().map((start) => start.split("/")[0] ?? "")),
].filter((room) => room !== "src");

/** The number of the floor that a file stands on, 0 at the top; -1: on none. */
export function floorOf(path: string): number {
  let floor = -1;
  let longest = 0;
  for (const [number, starts] of FLOORS.entries()) {
    for (const start of starts) {
      const isThere = start.endsWith("/") ? path.startsWith(start) : path === start;
      if (!isThere || start.length <= longest) continue;
      floor = number;
      longest = start.length;
    }
  }
  return floor;
}
