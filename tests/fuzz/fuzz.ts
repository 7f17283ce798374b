import { Draws } from "./draws.ts";
import { shrink } from "./shrink.ts";
import type { FuzzTarget } from "./target.ts";
import { assertUntouched } from "./untouched.ts";

/** An input for which a property does not hold. */
export interface Finding {
  /** Which target. */
  readonly target: string;
  /** What leads to it: `--target TARGET --seed SEED --inputs 1`. */
  readonly seed: number;
  /** The input, made as small as it could be. */
  readonly input: string;
  /** What went wrong with the smallest input. */
  readonly error: unknown;
}

/** Makes the input of one seed and tries it; what is found is made smaller. */
export async function tryInput(target: FuzzTarget, seed: number): Promise<Finding | undefined> {
  const input = target.input(new Draws(seed));
  if (await failure(target, input) === undefined) return undefined;
  const smallest = await shrink(input, async (smaller) => {
    return await failure(target, smaller) !== undefined;
  });
  const found = await failure(target, smallest);
  return { target: target.name, seed, input: smallest, error: found?.error };
}

async function failure(target: FuzzTarget, input: string): Promise<{ error: unknown } | undefined> {
  try {
    await target.check(input);
    assertUntouched();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** Says what was found such that anybody can do it again. */
export function describeFinding({ target, seed, input, error }: Finding): string {
  const shown = input.length <= 2_000 ? input : `${input.slice(0, 2_000)}…`;
  return [
    `${target}, seed ${seed}`,
    `  input: ${JSON.stringify(shown)}`,
    `  ${error instanceof Error ? error.stack : String(error)}`,
    `  again: deno task fuzz --target ${JSON.stringify(target)} --seed ${seed} --inputs 1`,
  ].join("\n");
}
