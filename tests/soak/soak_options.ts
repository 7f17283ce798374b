import { parseDuration } from "../../mod.ts";

/** What a soak is asked to do. */
export interface SoakOptions {
  /** How long calls are made, in milliseconds. */
  readonly forMs: number;
  /** Fixes all choices. */
  readonly seed: number;
  /** Breakers that are driven. */
  readonly breakers: number;
}

/** What the command line comes to: a soak, the help, or what is wrong with it. */
export type SoakInvocation =
  | { readonly kind: "soak"; readonly options: SoakOptions }
  | { readonly kind: "help" }
  | { readonly kind: "mistake"; readonly message: string };

/** How the program is used. */
export const USAGE = `Usage: deno task soak [--for DURATION] [--seed N] [--breakers N]

Drives thousands of breakers and the patterns around them, with real timers, real
HTTP and policies that are edited, and checks throughout what must always be true.

  --for DURATION   how long calls are made, such as 10m or 1m30s (10m)
  --seed N         makes the same choices again; 0 to 4294967295 (drawn, and printed)
  --breakers N     breakers that are driven, 100 to 100000 (3000)
  -h, --help       shows this

Exits with 0 if everything held, 1 if something did not, 2 if it was called wrongly.
From a minute on, everything that can happen must have happened. Ctrl+C ends it early.
`;

const DEFAULT_FOR = "10m";
const DEFAULT_BREAKERS = 3_000;
const MAX_SEED = 2 ** 32 - 1;
const MIN_BREAKERS = 100;
const MAX_BREAKERS = 100_000;
const MIN_FOR_MS = 1_000;

/** Reads the command line; without a seed, `drawSeed` gives one in [0, 1). */
export function parseSoak(args: readonly string[], drawSeed: () => number): SoakInvocation {
  if (args.includes("--help") || args.includes("-h")) return { kind: "help" };
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const [name = "", inline] = (args[i] ?? "").split("=", 2);
    if (name !== "--for" && name !== "--seed" && name !== "--breakers") {
      return { kind: "mistake", message: `Unknown argument ${args[i]}` };
    }
    const value = inline ?? args[++i];
    if (value === undefined) return { kind: "mistake", message: `${name} needs a value` };
    given.set(name, value);
  }
  try {
    const forMs = parseDuration(given.get("--for") ?? DEFAULT_FOR);
    if (!(forMs >= MIN_FOR_MS)) {
      throw new RangeError(`--for must be at least 1s, received ${given.get("--for")}`);
    }
    const drawn = Math.floor(drawSeed() * 2 ** 32);
    const seed = wholeNumber("--seed", given.get("--seed") ?? `${drawn}`, [0, MAX_SEED]);
    const count = given.get("--breakers") ?? `${DEFAULT_BREAKERS}`;
    const breakers = wholeNumber("--breakers", count, [MIN_BREAKERS, MAX_BREAKERS]);
    return { kind: "soak", options: { forMs, seed, breakers } };
  } catch (error) {
    return { kind: "mistake", message: error instanceof Error ? error.message : String(error) };
  }
}

function wholeNumber(name: string, text: string, [min, max]: readonly [number, number]): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new RangeError(`${name} must be a whole number from ${min} to ${max}, received ${text}`);
}
