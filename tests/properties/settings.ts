import process from "node:process";
import fc from "npm:fast-check@4.9.0";

/** The seed of every run, so that each run tries the same; `SWITCHGEAR_SEED` takes its place. */
const SEED = 20_240_229;

/** How one property is held to. */
export interface Runs {
  /** Cases tried. `SWITCHGEAR_RUNS` takes its place in every property. */
  readonly runs: number;
}

/**
 * Holds a property to its number of cases. A case that fails is shrunk, and the
 * error names the seed and the path that lead to it:
 *
 *     SWITCHGEAR_SEED=7 SWITCHGEAR_PATH=12:3 deno test -A tests/properties/names_property_test.ts
 *
 * tries that case alone. `SWITCHGEAR_SEED` without a path tries others, and
 * `SWITCHGEAR_RUNS=100000` tries more.
 */
export function holds<Case>(property: fc.IProperty<Case>, { runs }: Runs): void {
  fc.assert(property, parametersFrom(process.env, runs));
}

/** The settings of a run that `env` asks for. */
export function parametersFrom(
  env: Readonly<Record<string, string | undefined>>,
  runs: number,
): fc.Parameters<unknown> {
  const path = env["SWITCHGEAR_PATH"];
  return {
    seed: integer(env, "SWITCHGEAR_SEED") ?? SEED,
    numRuns: integer(env, "SWITCHGEAR_RUNS") ?? runs,
    ...(path !== undefined && { path, endOnFailure: true }),
  };
}

function integer(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): number | undefined {
  const text = env[name];
  if (text === undefined || text === "") return undefined;
  if (!/^-?\d+$/.test(text)) throw new RangeError(`${name} must be an integer, received "${text}"`);
  return Number(text);
}
